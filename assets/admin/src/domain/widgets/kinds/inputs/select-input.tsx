import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import type { Column, JsonObject } from "@/lib/api/model";
import { describedChoices } from "@/lib/format/columns";
import { formatNumber } from "@/lib/format/format";
import type { Tone } from "@/lib/format/tones";
import { categoriesOf } from "@/lib/rows/categories";
import { columnNamed, type Row } from "@/lib/rows/cells";
import { choiceFilter } from "@/ui/input/choice-filter";
import { toneOptions } from "@/ui/input/tone-options";
import { objectsOf, rowsOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useVariable } from "./use-variable";

export interface SelectChoice {
  /** Converts the selected value for the variable: a number stays a number. */
  value: unknown;
  key: string;
  label: string;
  tone?: Tone | undefined;
}

/** Returns the options: the listed ones, then those of the query, without duplicates. */
export function choicesFor(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): SelectChoice[] {
  const listed = objectsOf(config, "options").map((one) => ({
    value: textOf(one, "value") as unknown,
    label: textOf(one, "label") || textOf(one, "value"),
  }));
  const [valueField, labelField] = [textOf(config, "valueField"), textOf(config, "labelField")];
  const [values, labels] = [categoriesOf(rows, valueField, columns), categoriesOf(rows, labelField, columns)];
  const labelled = (row: Row) =>
    labelField && row[labelField] !== null && row[labelField] !== undefined
      ? labels.labelOf(row[labelField])
      : values.labelOf(row[valueField]);
  const asked = valueField ? rows.map((row) => ({ value: row[valueField], label: labelled(row) })) : [];
  const choices = new Map<string, SelectChoice>();
  const described = describedChoices(asked, {
    valueColumn: valueField ? columnNamed(columns, valueField) : undefined,
    labelColumn: valueField ? columnNamed(columns, labelField || valueField) : undefined,
  });
  for (const { value, label, ...rest } of [...listed, ...described]) {
    const key = value === null || value === undefined ? "" : String(value);
    if (key && !choices.has(key)) choices.set(key, { value, key, label, ...rest });
  }
  return [...choices.values()];
}

export function SelectInputWidget({ config, result, label }: WidgetProps) {
  const { value, set, problem } = useVariable(textOf(config, "variable"));
  if (problem) return <Hint text={problem} />;
  const { rows, columns } = rowsOf(result);
  const choices = choicesFor(config, rows, columns);
  const key = value === null || value === undefined ? "" : String(value);
  const tones = new Map(choices.map((choice) => [choice.key, choice.tone]));
  const known = choices.some((choice) => choice.key === key);
  return (
    <Select
      aria-label={label}
      data={[
        ...(key && !known ? [{ value: key, label: key }] : []),
        ...choices.map((choice) => ({ value: choice.key, label: choice.label })),
      ]}
      value={key || null}
      placeholder={textOf(config, "placeholder") || t`Any`}
      clearable
      {...toneOptions(key, [...tones.keys()], (option) => tones.get(option))}
      searchable={choices.length > 8}
      filter={choiceFilter({ more: false })}
      nothingFoundMessage={
        result?.truncated
          ? t`No results in the first ${formatNumber(choices.length)} rows: the query’s row limit cut off the rest.`
          : t`No results`
      }
      clearButtonProps={{ "aria-label": t`Clear ${label}` }}
      onChange={(chosen) => set(choices.find((choice) => choice.key === chosen)?.value ?? null)}
    />
  );
}
