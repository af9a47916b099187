import { t } from "@lingui/core/macro";
import { Loader, Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/lib/api/errors";
import { showQuery } from "@/lib/api/subjects/data-queries";
import { describedChoices } from "@/lib/format/columns";
import { columnNamed } from "@/lib/rows/cells";
import { useTenantID } from "@/lib/tenant";
import { toldApart, useDropdownBelowError } from "@/ui/input/same-labels";
import { toneOptions } from "@/ui/input/tone-options";
import { useFirstMatch } from "@/ui/input/use-first-match";
import { rowsOf } from "../../config";
import { useWidgetActions, type ChoicesAsk, type FieldChoices } from "../../host";
import type { FieldSource } from "./form-fields";

/** Loads the choices of a field: on a dashboard through its item, in the editor with the query itself. */
export function useChoices(item: string | undefined, source: FieldSource, ask: ChoicesAsk) {
  const tenantID = useTenantID();
  const { choices } = useWidgetActions();
  const run = async (signal: AbortSignal): Promise<FieldChoices> => {
    const { search, value } = ask;
    const parameters = {
      ...(source.search && search ? { [source.search]: search } : {}),
      ...(source.value && value !== null && value !== undefined ? { [source.value]: value } : {}),
    };
    const result = await showQuery(tenantID, source.queryID, { parameters }, signal);
    const { rows, columns } = rowsOf(result);
    const found = rows.map((row) => ({
      value: row[source.valueField],
      label: String(row[source.labelField || source.valueField] ?? row[source.valueField]),
    }));
    return {
      choices: found,
      more: result.truncated,
      valueColumn: columnNamed(columns, source.valueField),
      labelColumn: columnNamed(columns, source.labelField || source.valueField),
    };
  };
  return useQuery({
    queryKey: ["widget-part", tenantID, "choices", item, source, ask],
    queryFn: async ({ signal }) => {
      const found = await (choices && item !== undefined ? choices(item, ask, signal) : run(signal));
      return { ...found, choices: describedChoices(found.choices, found) };
    },
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

interface ChoiceFieldProps extends Omit<SelectProps, "data" | "value" | "onChange"> {
  item: string | undefined;
  name: string;
  source: FieldSource;
  value: unknown;
  /** Called with the value and its label. */
  onChange: (value: unknown, label?: string) => void;
}

/** Selects one of the rows of a query; the server searches. */
export function ChoiceField({ item, name, source, value, onChange, ...select }: ChoiceFieldProps) {
  const [text, setText] = useState("");
  const key = value === null || value === undefined || value === "" ? null : String(value);
  const [search] = useDebouncedValue(text.trim(), 200);
  // The label of the value, to show it while other choices are searched.
  const [chosen, setChosen] = useState<{ key: string; label: string } | null>(null);
  const chosenLabel = chosen?.key === key ? chosen?.label : undefined;
  const asked = useChoices(item, source, {
    field: name,
    search: search === chosenLabel ? "" : search.slice(0, 200),
    value: value ?? null,
  });
  const found = asked.data?.choices ?? [];
  const known = found.find((choice) => String(choice.value) === key);
  if (known && key !== null && known.label !== chosenLabel) setChosen({ key, label: known.label });
  const tones = new Map(found.map((choice) => [String(choice.value), choice.tone]));
  const options = found.map((choice) => ({ value: String(choice.value), label: choice.label }));
  const unique = options.filter(
    (option, index) => options.findIndex(({ value: other }) => other === option.value) === index,
  );
  const missing = key !== null && !known ? [{ value: key, label: chosenLabel ?? key }] : [];
  const match = useFirstMatch({
    text,
    label: chosenLabel,
    isSettled: search === text.trim() && !asked.isPlaceholderData && !asked.isPending,
    kept: missing[0]?.value,
  });
  const offered = toldApart([...missing, ...unique]);
  const error = select.error ?? (asked.error ? messageOf(asked.error) : undefined);
  const dropdown = useDropdownBelowError(error);
  return (
    <Select
      {...select}
      {...dropdown}
      comboboxProps={{ ...select.comboboxProps, ...dropdown.comboboxProps }}
      {...match}
      data={offered}
      value={key}
      error={error}
      clearable={!select.withAsterisk}
      {...toneOptions(key, offered, (option) => tones.get(option))}
      searchable
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={asked.isFetching ? t`Searching…` : t`No results`}
      rightSection={asked.isFetching ? <Loader size={14} /> : undefined}
      onChange={(next) => {
        const option = unique.find((one) => one.value === next);
        setChosen(option ? { key: option.value, label: option.label } : null);
        onChange(found.find((choice) => String(choice.value) === next)?.value ?? null, option?.label);
      }}
    />
  );
}
