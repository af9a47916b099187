import { t } from "@lingui/core/macro";
import { MultiSelect } from "@mantine/core";
import { useDebouncedCallback, useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";
import { messageOf } from "@/lib/api/errors";
import type { DashboardVariable } from "@/lib/api/model";
import { isEqual } from "@/lib/schema/merge-patch";
import { useTenantID } from "@/lib/tenant";
import { toneOptions } from "@/ui/input/tone-options";
import type { Choices, VariableChoice } from "./choices";
import classes from "./multi-chooser.module.css";

interface MultiChooserProps {
  variable: DashboardVariable;
  label: string;
  value: readonly string[];
  /** The options that a query returned. */
  choices: Choices | undefined;
  search: (name: string, text: string, signal: AbortSignal) => Promise<Choices>;
  onChange: (value: string[]) => void;
}

/** Several selections in a row are one change. */
const SETTLED_MS = 500;

/** Selects several options. If there are more than were sent, the server searches. */
export function MultiChooser({ variable, label, value, choices, search, onChange }: MultiChooserProps) {
  const tenantID = useTenantID();
  const { pathname } = useLocation();
  const [{ given, selected }, setSelection] = useState({ given: value, selected: [...value] });
  const [text, setText] = useState("");
  // A new value from outside, such as a cleared filter, replaces what is selected.
  if (!isEqual(given, value)) setSelection({ given: value, selected: [...value] });
  const [asked] = useDebouncedValue(text.trim(), 250);
  const send = useDebouncedCallback(onChange, SETTLED_MS);
  const found = useQuery({
    queryKey: [tenantID, "choices", pathname, variable.name, asked],
    queryFn: ({ signal }) => search(variable.name, asked, signal),
    enabled: choices?.more === true && asked !== "",
    gcTime: 30_000,
  });
  const offered: VariableChoice[] = [
    ...(choices?.list ?? variable.options.map((option) => ({ value: option, label: option }))),
    ...(found.data?.list ?? []),
  ];
  const labels = new Map(offered.map((choice) => [choice.value, choice.label]));
  for (const one of selected) if (!labels.has(one)) labels.set(one, one);
  const tones = new Map(offered.map((choice) => [choice.value, choice.tone]));
  const { renderOption } = toneOptions(null, [...tones.keys()], (option) => tones.get(option));
  const failure = choices?.error ?? found.error;
  return (
    <MultiSelect
      size="xs"
      className={classes.field ?? ""}
      classNames={{ inputField: classes.input ?? "" }}
      aria-label={label}
      placeholder={selected.length > 0 ? "" : t`Any`}
      data={[...labels].map(([of, words]) => ({ value: of, label: words }))}
      value={selected}
      clearable
      searchable
      searchValue={text}
      onSearchChange={setText}
      hidePickedOptions
      {...(renderOption ? { renderOption } : {})}
      maxValues={200}
      limit={200}
      nothingFoundMessage={failure ? messageOf(failure) : t`No results`}
      error={Boolean(failure)}
      onChange={(next) => {
        setSelection({ given: value, selected: next });
        send(next);
      }}
    />
  );
}
