import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Autocomplete, Button, Group, Input, Select, TextInput, type AutocompleteProps } from "@mantine/core";
import { useState } from "react";
import { toneIn } from "@/lib/format/columns";
import { dayLimits } from "@/lib/format/dates/calendar";
import { canonical, isNumber } from "@/lib/format/decimals";
import { isComparing, needsValue, operatorsFor, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { toneOptions } from "@/ui/input/tone-options";
import { isTime, type TableColumn } from "./table-columns";
import classes from "./table.module.css";

interface ColumnFilterProps {
  column: TableColumn | undefined;
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
  /** Values that the column is known to have. */
  suggested: readonly string[];
  /** Returns why the server refused the value for an operator. */
  errorOf: (operator: string) => string | undefined;
}

interface ColumnFiltersProps extends ColumnFilterProps {
  known: readonly ServerFilter[];
}

const optionWords = (option: string) => (option === "true" ? t`Yes` : option === "false" ? t`No` : option);

const wordsFor = (operator: string, column: TableColumn | undefined) =>
  operatorsFor(isTime(column)).find((one) => one.value === operator)?.label ?? operator;

/** A text, with suggestions. It is the same input before and after the first rows have brought some. */
export const SuggestedText = ({
  suggested,
  ...props
}: Omit<AutocompleteProps, "data"> & { suggested: readonly string[] }) => (
  <Autocomplete {...props} data={[...suggested]} limit={20} comboboxProps={{ withinPortal: false }} />
);

/** The condition on a text: how it is compared, and with what. */
export function TextFilterInput({
  known,
  column,
  filters,
  onFilters,
  suggested,
  errorOf,
}: ColumnFiltersProps) {
  const field = known[0]?.field ?? "";
  const present = filters.find((one) => one.field === field);
  const [chosen, setChosen] = useState<Condition["operator"]>(known[0]?.operator ?? "contains");
  const operator = present?.operator ?? chosen;
  const value = present && needsValue(operator) ? present.value : "";
  const set = (next: Condition["operator"], text: string) => {
    // A condition without a text applies if its value is "true".
    const wanted = needsValue(next) ? text : "true";
    setChosen(next);
    onFilters([
      ...filters.filter((one) => one.field !== field),
      ...(wanted === "" ? [] : [{ field, operator: next, value: wanted }]),
    ]);
  };
  const named = column?.label ?? field;
  return (
    <Input.Wrapper label={named} size="xs" labelElement="div">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Select
          size="xs"
          w={120}
          aria-label={t`Condition on ${named}`}
          data={operatorsFor(false).filter((one) => known.some((filter) => filter.operator === one.value))}
          value={operator}
          comboboxProps={{ withinPortal: false }}
          onChange={(next) => next && set(next as Condition["operator"], value)}
        />
        {needsValue(operator) ? (
          <SuggestedText
            size="xs"
            flex={1}
            aria-label={t`Text for ${named}`}
            value={value}
            maxLength={1000}
            error={errorOf(operator)}
            suggested={suggested}
            onChange={(text) => set(operator, text)}
          />
        ) : (
          <Button
            size="xs"
            variant="default"
            disabled={!present}
            onClick={() => set(known[0]?.operator ?? "contains", "")}
          >
            <Trans>Remove</Trans>
          </Button>
        )}
      </Group>
    </Input.Wrapper>
  );
}

/** The conditions on a number or a time, side by side. */
export function SizeFilterInput({ known, ...props }: ColumnFiltersProps) {
  const { column } = props;
  const named = column?.label ?? known[0]?.field ?? "";
  return (
    <Input.Wrapper label={named} size="xs" labelElement="div">
      <div className={classes.sizes} data-time={isTime(column) || undefined}>
        {known.map((filter) => (
          <FilterInput
            key={filter.parameter}
            filter={filter}
            shortLabel={wordsFor(filter.operator, column)}
            {...props}
          />
        ))}
      </div>
    </Input.Wrapper>
  );
}

interface FilterInputProps extends ColumnFilterProps {
  filter: ServerFilter;
  /** The label below that of the column. */
  shortLabel?: string;
}

/** One condition of a column. */
export function FilterInput({
  filter,
  shortLabel,
  column,
  filters,
  onFilters,
  suggested,
  errorOf,
}: FilterInputProps) {
  const { field, operator, options } = filter;
  const mine = (one: Condition) => one.field === field && one.operator === operator;
  const value = filters.find(mine)?.value ?? "";
  const set = (next: string) =>
    onFilters([
      ...filters.filter((one) => !mine(one)),
      ...(next === "" ? [] : [{ field, operator, value: next }]),
    ]);
  const words = wordsFor(operator, column);
  const named = column?.label ?? field;
  const label = t`${named}: ${words}`;
  const common = {
    size: "xs",
    label: shortLabel ?? label,
    error: errorOf(operator),
    ...(shortLabel ? { "aria-label": label } : {}),
  } as const;
  if (options.length)
    return (
      <Select
        {...common}
        data={options.map((option) => ({
          value: option,
          label: column?.format.isDeclared ? column.format.text(option) : optionWords(option),
        }))}
        value={value || null}
        clearable
        {...(column ? toneOptions(value, options, toneIn(column.format)) : {})}
        comboboxProps={{ withinPortal: false }}
        onChange={(next) => set(next ?? "")}
      />
    );
  // text such as `0012` is compared for equality as it is written
  if (column?.format.kind === "number" && (isComparing(operator) || shortLabel))
    return (
      <ExactNumberInput
        {...common}
        value={value}
        onChange={(next) => {
          // a text that is not a number is kept, but filters nothing
          if (next === undefined || isNumber(next)) set(next === undefined ? "" : canonical(next));
        }}
      />
    );
  if (isTime(column))
    return (
      <TextInput
        {...common}
        type="date"
        {...dayLimits}
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  return <SuggestedText {...common} value={value} maxLength={1000} suggested={suggested} onChange={set} />;
}
