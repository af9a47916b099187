import { Loader, Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useList, useOne, type Kind } from "@/lib/api/resources";

interface ResourceSelectProps extends Omit<SelectProps, "data" | "value" | "onChange" | "searchable" | "searchValue" | "onSearchChange"> {
  kind: Kind;
  value: string | null;
  onChange: (id: string | null) => void;
}

/** Picks one object of a kind by its name; the search runs on the server. */
export function ResourceSelect({ kind, value, onChange, ...select }: ResourceSelectProps) {
  const [text, setText] = useState("");
  const chosen = useOne(kind, value ?? undefined);
  const chosenName = chosen.data && "name" in chosen.data ? chosen.data.name : undefined;
  const [q] = useDebouncedValue(text === chosenName ? "" : text.trim(), 200);
  const list = useList(kind, { q, sort: "name", limit: 50 });
  const options = (list.items ?? []).flatMap((item) => ("id" in item && "name" in item ? [{ value: item.id, label: item.name }] : []));
  const missing = value && chosenName && !options.some((option) => option.value === value) ? [{ value, label: chosenName }] : [];
  return (
    <Select
      {...select}
      data={[...missing, ...options]}
      value={value}
      onChange={onChange}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options: all }) => all}
      nothingFoundMessage={list.isLoading ? "Searching…" : "Nothing matches"}
      rightSection={list.isFetching ? <Loader size={14} /> : undefined}
    />
  );
}
