import { t } from "@lingui/core/macro";
import { Loader, Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useList, useOne, type Readable, type RecordOf } from "@/lib/api/resources";

interface ResourceSelectProps<K extends Readable> extends Omit<
  SelectProps,
  "data" | "value" | "onChange" | "searchable" | "searchValue" | "onSearchChange"
> {
  kind: K;
  value: string | null;
  /** Also passes the record, as the list contains it. */
  onChange: (id: string | null, record?: RecordOf<K>) => void;
}

/** Selects one record of a kind by its name; the server searches. */
export function ResourceSelect<K extends Readable>({
  kind,
  value,
  onChange,
  ...select
}: ResourceSelectProps<K>) {
  const [text, setText] = useState("");
  const chosen = useOne(kind, value ?? undefined);
  const chosenName = chosen.data && "name" in chosen.data ? chosen.data.name : undefined;
  const [q] = useDebouncedValue(text === chosenName ? "" : text.trim(), 200);
  const list = useList(kind, { q, sort: "name", limit: 50 });
  const options = (list.items ?? []).flatMap((item) =>
    "id" in item && "name" in item ? [{ value: item.id, label: item.name }] : [],
  );
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
          list.items?.find((item) => "id" in item && item.id === id),
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
