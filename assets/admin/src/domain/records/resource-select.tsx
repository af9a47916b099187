import { t } from "@lingui/core/macro";
import { Group, Loader, Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createContext, useContext, useState } from "react";
import type { Parameter } from "@/lib/api/model";
import { useList, useOne, type Readable, type RecordOf } from "@/lib/api/resources";
import { useFirstMatch } from "@/ui/input/use-first-match";
import { ChangesData, changesData } from "./changes-data";
import classes from "./resource-list.module.css";

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

/** A query that is not saved yet, or not in this form: the widget that is edited with it can already run it. */
export interface UnsavedQuery {
  id: string;
  name: string;
  parameters: readonly Parameter[];
  changesData: boolean;
}
export const UnsavedQueryContext = createContext<UnsavedQuery | null>(null);

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
  const unsaved = useContext(UnsavedQueryContext);
  const isUnsaved = unsaved !== null && unsaved.id === value;
  const chosen = useOne(kind, isUnsaved ? undefined : (value ?? undefined));
  const known = chosen.data && "name" in chosen.data ? chosen.data.name : undefined;
  const chosenName = isUnsaved ? unsaved.name || t`New query` : known;
  const wanted = text === chosenName ? "" : text.trim();
  const [q] = useDebouncedValue(wanted, 200);
  const list = useOptions(kind, q);
  const writing = new Set(list.items.filter(changesData).flatMap((item) => ("id" in item ? [item.id] : [])));
  const options = list.items
    .filter(accepts)
    .flatMap((item) => ("id" in item && "name" in item ? [{ value: item.id, label: item.name }] : []));
  const missing =
    value && chosenName && !options.some((option) => option.value === value)
      ? [{ value, label: chosenName }]
      : [];
  const match = useFirstMatch({
    text,
    label: chosenName,
    isSettled: q === wanted && !list.isFetching,
    kept: missing[0]?.value,
  });
  return (
    <Select
      {...select}
      {...match}
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
      {...(writing.size > 0 && {
        renderOption: ({ option }) => (
          <Group gap="xs" justify="space-between" wrap="nowrap" flex={1}>
            <span className={classes.option}>{option.label}</span>
            {writing.has(option.value) && <ChangesData />}
          </Group>
        ),
      })}
      nothingFoundMessage={list.isLoading ? t`Searching…` : t`No results`}
      rightSection={list.isFetching ? <Loader size={14} /> : undefined}
    />
  );
}
