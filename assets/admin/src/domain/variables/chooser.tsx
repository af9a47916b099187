import { t } from "@lingui/core/macro";
import { Loader, Select, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";
import { messageOf } from "@/lib/api/errors";
import { useTenantID } from "@/lib/tenant";
import { choiceFilter } from "@/ui/input/choice-filter";
import { toneOptions } from "@/ui/input/tone-options";
import { useFirstMatch } from "@/ui/input/use-first-match";
import type { VariableChoice, Choices } from "./choices";

interface ChooserProps {
  name: string;
  label: string;
  value: string;
  choices: Choices;
  search: (name: string, text: string, signal: AbortSignal) => Promise<Choices>;
  /** Undefined when the selection is cleared. */
  onChange: (value: string | undefined) => void;
}

/**
 * Selects one of the values that a query returns, or the one from the URL. If there are more than were sent, the server
 * searches.
 */
export function Chooser({ name, label, value: given, choices, search, onChange }: ChooserProps) {
  const tenantID = useTenantID();
  const { pathname } = useLocation();
  const [text, setText] = useState("");
  // Shown at once: the URL and the data follow, when the next search may already be typed.
  const [selected, setSelected] = useState({ given, value: given });
  if (selected.given !== given) setSelected({ given, value: given });
  const { value } = selected;
  const [chosen, setChosen] = useState<VariableChoice | null>(null);
  const labelOf =
    choices.list.find((choice) => choice.value === value)?.label ??
    (chosen?.value === value ? chosen.label : value);
  const wanted = text.trim() === labelOf ? "" : text.trim();
  const [asked] = useDebouncedValue(wanted, 250);
  const searches = choices.more && asked !== "";
  const found = useQuery({
    queryKey: [tenantID, "choices", pathname, name, asked],
    queryFn: ({ signal }) => search(name, asked, signal),
    enabled: searches,
    gcTime: 30_000,
  });
  // The results of another search are not shown for this one: until they arrive, the known options are filtered.
  const { list, more, error } = searches && found.data && wanted === asked ? found.data : choices;
  const waiting = choices.more && wanted !== "" && (wanted !== asked || found.isFetching);
  const match = useFirstMatch({ text, label: labelOf, isSettled: !waiting });
  const failure = error ?? (searches ? found.error : null);
  const known = list.some((choice) => choice.value === value);
  const tones = new Map(
    [...(chosen ? [chosen] : []), ...choices.list, ...list].map((one) => [one.value, one.tone]),
  );
  return (
    <Select
      size="xs"
      {...match}
      aria-label={label}
      placeholder={t`Any`}
      data={value && !known ? [{ value, label: labelOf }, ...list] : list}
      value={value || null}
      clearable
      searchable={choices.more || choices.list.length > 8}
      searchValue={text}
      onSearchChange={setText}
      filter={choiceFilter({
        more,
        searched: searches && found.data !== undefined && wanted === asked,
        searching: waiting,
        ...(known ? {} : { kept: value }),
      })}
      nothingFoundMessage={failure ? messageOf(failure) : nothingFound(more)}
      {...toneOptions(value, [...tones.keys()], (option) => tones.get(option))}
      {...(failure
        ? { error: true, rightSection: <Failure error={failure} /> }
        : waiting
          ? { rightSection: <Loader size={12} /> }
          : {})}
      onChange={(next) => {
        setChosen(list.find((choice) => choice.value === next) ?? null);
        setSelected({ given, value: next ?? "" });
        onChange(next ?? undefined);
      }}
    />
  );
}

/** If the query itself was truncated, the other values are unknown. */
const nothingFound = (more: boolean) =>
  more ? t`No results in the rows returned: the query’s row limit cut off the rest.` : t`No results`;

function Failure({ error }: { error: unknown }) {
  const words = t`Could not load the options: ${messageOf(error)}`;
  return (
    <Tooltip label={words} multiline maw={320}>
      <IconAlertTriangle size={14} role="img" aria-label={words} color="var(--mantine-color-error)" />
    </Tooltip>
  );
}
