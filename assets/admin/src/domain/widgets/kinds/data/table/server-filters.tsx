import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Input,
  Popover,
  Select,
  Stack,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import { toneIn } from "@/lib/format/columns";
import { canonical, isNumber } from "@/lib/format/decimals";
import { operators, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { toneOptions } from "@/ui/input/tone-options";
import type { TableColumn } from "./table-columns";
import classes from "./table.module.css";

interface ServerFiltersProps {
  label: string;
  known: readonly ServerFilter[];
  columns: readonly TableColumn[];
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
}

/** Text such as `0012` is compared for equality as it is written. */
const COMPARING: readonly string[] = ["greater", "less"];

const isDate = (column: TableColumn | undefined) =>
  /^(date|timestamp)/i.test(column?.type ?? "") || ["day", "moment"].includes(column?.format.kind ?? "");

/** The filters that the server applies: one input for each. */
export function ServerFilters({ label, known, columns, filters, onFilters }: ServerFiltersProps) {
  const shown = known.filter(({ field }) => columns.some((column) => column.field === field));
  if (shown.length === 0) return null;
  const active = filters.filter(({ value }) => value !== "").length;
  const name = active ? t`Filters of ${label}: ${active}` : t`Filter ${label}`;
  return (
    <Popover position="bottom-end" width={340} trapFocus withinPortal shadow="md">
      <Popover.Target>
        <Tooltip label={t`Filter`}>
          <Indicator disabled={active === 0} label={active} size={14} offset={4} color="accent">
            <ActionIcon size="sm" aria-label={name} aria-haspopup="dialog">
              <IconFilter size={15} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={name} className={classes.columnMenu}>
        <Stack gap="xs">
          {inputsOf(shown).map(([filter, ...others]) => {
            const column = columns.find(({ field }) => field === filter.field);
            const props = { column, filters, onFilters };
            return others.length ? (
              <TextFilterInput key={filter.field} known={[filter, ...others]} {...props} />
            ) : (
              <FilterInput key={filter.parameter} filter={filter} {...props} />
            );
          })}
          {active > 0 && (
            <Group justify="flex-end">
              <Button size="xs" variant="subtle" color="gray" onClick={() => onFilters([])}>
                <Trans>Clear</Trans>
              </Button>
            </Group>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Returns the filters by input: those of a text share one, in which the operator is selected. */
function inputsOf(filters: readonly ServerFilter[]): [ServerFilter, ...ServerFilter[]][] {
  const isText = ({ field }: ServerFilter) =>
    filters.some((one) => one.field === field && one.operator === "contains");
  const texts = [...new Set(filters.filter(isText).map(({ field }) => field))];
  const inputs = filters.flatMap((filter): [ServerFilter, ...ServerFilter[]][] => {
    if (!isText(filter)) return [[filter]];
    const [first, ...others] = filters.filter(({ field }) => field === filter.field);
    return first === filter && texts.includes(filter.field) ? [[first, ...others]] : [];
  });
  return inputs;
}

const optionWords = (option: string) => (option === "true" ? t`Yes` : option === "false" ? t`No` : option);

interface FilterInputProps extends Pick<ServerFiltersProps, "filters" | "onFilters"> {
  filter: ServerFilter;
  column: TableColumn | undefined;
}

interface TextFilterProps extends Omit<FilterInputProps, "filter"> {
  known: readonly ServerFilter[];
}

/** Whether a condition takes no text: the server gets that it is met. */
const isWithoutText = (operator: string) => operator === "empty" || operator === "notEmpty";

/** The condition on a text: how it is compared, and with what. */
function TextFilterInput({ known, column, filters, onFilters }: TextFilterProps) {
  const field = known[0]?.field ?? "";
  const present = filters.find((one) => one.field === field);
  const [chosen, setChosen] = useState<Condition["operator"]>(known[0]?.operator ?? "contains");
  const operator = present?.operator ?? chosen;
  const value = present && !isWithoutText(operator) ? present.value : "";
  const set = (next: Condition["operator"], text: string) => {
    const wanted = isWithoutText(next) ? "true" : text;
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
          data={operators.filter((one) => known.some((filter) => filter.operator === one.value))}
          value={operator}
          comboboxProps={{ withinPortal: false }}
          onChange={(next) => next && set(next as Condition["operator"], value)}
        />
        {isWithoutText(operator) ? (
          <Button
            size="xs"
            variant="default"
            disabled={!present}
            onClick={() => set(known[0]?.operator ?? "contains", "")}
          >
            <Trans>Remove</Trans>
          </Button>
        ) : (
          <TextInput
            size="xs"
            flex={1}
            aria-label={t`Text for ${named}`}
            value={value}
            maxLength={1000}
            onChange={(event) => set(operator, event.currentTarget.value)}
          />
        )}
      </Group>
    </Input.Wrapper>
  );
}

function FilterInput({ filter: { field, operator, options }, column, filters, onFilters }: FilterInputProps) {
  const mine = (one: Condition) => one.field === field && one.operator === operator;
  const value = filters.find(mine)?.value ?? "";
  const set = (next: string) =>
    onFilters([
      ...filters.filter((one) => !mine(one)),
      ...(next === "" ? [] : [{ field, operator, value: next }]),
    ]);
  const words = operators.find((one) => one.value === operator)?.label ?? operator;
  const named = column?.label ?? field;
  const label = t`${named}: ${words}`;
  if (options.length)
    return (
      <Select
        size="xs"
        label={label}
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
  if (column?.format.kind === "number" && COMPARING.includes(operator))
    return (
      <ExactNumberInput
        size="xs"
        label={label}
        value={value}
        onChange={(next) => {
          // text that is no number is kept, but filters nothing
          if (next === undefined || isNumber(next)) set(next === undefined ? "" : canonical(next));
        }}
      />
    );
  return (
    <TextInput
      size="xs"
      label={label}
      type={isDate(column) ? "date" : "text"}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
