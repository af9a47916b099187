import { t } from "@lingui/core/macro";
import { Loader, Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createContext, useContext, useState } from "react";
import { useList, useOne, type Readable, type RecordOf } from "@/lib/api/resources";

interface ResourceSelectProps<K extends Readable> extends Omit<
  SelectProps,
  "data" | "value" | "onChange" | "searchable" | "searchValue" | "onSearchChange"
> {
  kind: K;
  value: string | null;
  /** Also passes the record, as the list contains it. */
  onChange: (id: string | null, record?: RecordOf<K>) => void;
  /** Whether a record can be selected; all by default. */
  accepts?: (record: RecordOf<K>) => boolean;
}

/** The dashboard whose own queries can be selected besides those of the library. */
export const OwnDashboard = createContext<string | null>(null);

/** Lists what can be linked to: of queries and widgets, those of the library and of the dashboard that is edited. */
function useOptions<K extends Readable>(kind: K, q: string) {
  const dashboardID = useContext(OwnDashboard);
  const isPlaced = kind === "dataquery" || kind === "widget";
  const params = { q, sort: "name" as const, limit: 50 };
  const list = useList(kind, isPlaced ? { ...params, dashboardID: "none" } : params);
  const own = useList(kind, { ...params, dashboardID }, { enabled: isPlaced && dashboardID !== null });
  const items = [...(isPlaced && dashboardID !== null ? (own.items ?? []) : []), ...(list.items ?? [])];
  return { items, isLoading: list.isLoading, isFetching: list.isFetching };
}

/** Selects one record of a kind by its name; the server searches. */
export function ResourceSelect<K extends Readable>({
  kind,
  value,
  onChange,
  accepts = () => true,
  ...select
}: ResourceSelectProps<K>) {
  const [text, setText] = useState("");
  const chosen = useOne(kind, value ?? undefined);
  const chosenName = chosen.data && "name" in chosen.data ? chosen.data.name : undefined;
  const [q] = useDebouncedValue(text === chosenName ? "" : text.trim(), 200);
  const list = useOptions(kind, q);
  const options = list.items
    .filter(accepts)
    .flatMap((item) => ("id" in item && "name" in item ? [{ value: item.id, label: item.name }] : []));
  const missing =
    value && chosenName && !options.some((option) => option.value === value)
      ? [{ value, label: chosenName }]
      : [];
  return (
    <Select
      {...select}
      data={[...missing, ...options]}
      value={value}
      onChange={(id) =>
        onChange(
          id,
          list.items.find((item) => "id" in item && item.id === id),
        )
      }
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options: all }) => all}
      nothingFoundMessage={list.isLoading ? t`Searching…` : t`No results`}
      rightSection={list.isFetching ? <Loader size={14} /> : undefined}
    />
  );
}
