import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useCan } from "@/lib/api/me";
import { useList, type ListParams } from "@/lib/api/resources";
import { actionsOf, kindOf, kinds } from "./words";

const spans = [
  { value: "1", label: t`Last 24 hours` },
  { value: "7", label: t`Last 7 days` },
  { value: "30", label: t`Last 30 days` },
];

/** Returns midnight that many days ago, a start that stays the same while the page is open. */
function daysAgo(days: string | null): string | undefined {
  if (!days || !/^\d{1,4}$/.test(days)) return undefined;
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  start.setDate(start.getDate() - Number(days));
  return start.toISOString();
}

/** Reads the filters from the URL, as the server takes them. */
export function filtersOf(search: URLSearchParams): ListParams & { since?: string | undefined } {
  return {
    actorID: search.get("actor") ?? undefined,
    action: search.get("action") ?? undefined,
    objectKind: search.get("object") ?? undefined,
    since: daysAgo(search.get("days")),
  };
}

export function AuditFilters() {
  const [search, setSearch] = useSearchParams();
  const can = useCan();
  const set = (values: Record<string, string | null>) =>
    setSearch(
      (previous) => {
        for (const [name, value] of Object.entries(values)) {
          if (value) previous.set(name, value);
          else previous.delete(name);
        }
        return previous;
      },
      { replace: true },
    );
  return (
    <>
      {can("member:list") && (
        <ActorSelect value={search.get("actor")} onChange={(value) => set({ actor: value })} />
      )}
      <Select
        aria-label={t`Record type`}
        placeholder={t`Any record type`}
        clearable
        w={190}
        data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
        value={search.get("object")}
        onChange={(value) => set({ object: value, action: null })}
      />
      <Select
        aria-label={t`Action`}
        placeholder={t`Any action`}
        clearable
        searchable
        w={190}
        data={actionsOf(search.get("object"))}
        value={search.get("action")}
        // The kind is then shown beside it: actions of different kinds have the same words.
        onChange={(value) => set({ action: value, ...(value ? { object: kindOf(value) } : {}) })}
      />
      <Select
        aria-label={t`Time`}
        placeholder={t`Any time`}
        clearable
        w={150}
        data={spans}
        value={search.get("days")}
        onChange={(value) => set({ days: value })}
      />
    </>
  );
}

function ActorSelect({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  const members = useList("member", { limit: 200 });
  return (
    <Select
      aria-label={t`Actor`}
      placeholder={t`Any actor`}
      clearable
      searchable
      w={190}
      data={(members.items ?? []).map(({ userID, name, email }) => ({ value: userID, label: name || email }))}
      value={value}
      onChange={onChange}
    />
  );
}
