import { t } from "@lingui/core/macro";
import { Loader, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { messageOf } from "@/lib/api/errors";
import { toldApart } from "@/ui/input/same-labels";
import { toneOptions } from "@/ui/input/tone-options";
import { printValue } from "../draft/cell-values";
import type { References } from "../draft/references";
import classes from "../grid.module.css";
import type { CellEditorProps, Direction } from "./cell-editor";

/** The option for no row. No key has this value. */
const NOTHING = "\0";

/** Returns whether one of the options is marked. */
function isMarked(input: Element) {
  const id = input.getAttribute("aria-activedescendant");
  return id !== null && document.getElementById(id) !== null;
}

/** Selects the row that a cell refers to; the server searches. */
export function ReferenceEditor(props: CellEditorProps & { references: References }) {
  const { field, value, typed, references, onChosen, onCancel } = props;
  const now = printValue(field, value);
  const [text, setText] = useState(typed ?? now);
  // The label of the current row is not a search.
  const [wanted] = useDebouncedValue(text === now ? "" : text.trim(), 200);
  const own = useId();
  const input = useRef<HTMLInputElement>(null);
  /** The options are part of the page's content or of its dialog, as the table is. */
  const [place, setPlace] = useState<HTMLElement | null>(null);
  /** The text whose first row is taken as soon as it is found. */
  const [taken, setTaken] = useState<string | null>(null);
  const isDone = useRef(false);
  const direction = useRef<Direction>("down");
  useEffect(() => {
    setPlace(input.current?.closest<HTMLElement>("[role=dialog], main") ?? document.body);
    input.current?.focus({ preventScroll: true });
    if (typed === null) input.current?.select();
  }, [typed]);
  const asked = useQuery({
    queryKey: ["widget-part", "references", own, wanted.slice(0, 200)],
    queryFn: ({ signal }) => references.search(wanted.slice(0, 200), signal),
    gcTime: 0,
    staleTime: 0,
    placeholderData: (old) => old,
  });
  const found = asked.data?.choices ?? [];
  const isSettled =
    !asked.isPlaceholderData && !asked.isFetching && wanted === (text === now ? "" : text.trim());
  const options = toldApart(found.map((row) => ({ value: String(row.value), label: row.label })));
  const end = (act: () => void) => {
    if (isDone.current) return;
    isDone.current = true;
    act();
  };
  const choose = (key: string) =>
    end(() => {
      if (key === NOTHING) return onChosen(null, direction.current);
      const row = found.find((one) => String(one.value) === key);
      if (!row) return onCancel();
      references.learn([row]);
      onChosen(row.value, direction.current);
    });
  /** Ends without a change, or takes the first row as soon as it is found. */
  const take = () => (text === now ? end(() => onChosen(value ?? null, direction.current)) : setTaken(text));
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    // The list selects the option that the arrow keys marked.
    if (key === "Enter" && (text === now || isSettled) && isMarked(event.currentTarget)) return;
    if (key !== "Escape" && key !== "Tab" && key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "Escape") return end(onCancel);
    if (key === "Tab") direction.current = event.shiftKey ? "left" : "right";
    take();
  };
  const first = options[0]?.value;
  useEffect(() => {
    if (taken === text && isSettled && first !== undefined) choose(first);
  });
  return (
    <Select
      ref={input}
      aria-label={field.label}
      classNames={{ root: classes.reference ?? "", input: classes.editor ?? "" }}
      comboboxProps={{
        width: "max-content",
        position: "bottom-start",
        portalProps: place ? { target: place } : {},
      }}
      data={text === now && !field.neverNull ? [{ value: NOTHING, label: "NULL" }, ...options] : options}
      {...toneOptions(null, options, () => undefined)}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options: all }) => all}
      selectFirstOptionOnChange
      dropdownOpened={place !== null}
      maxDropdownHeight={240}
      nothingFoundMessage={
        asked.error ? messageOf(asked.error) : asked.isFetching ? t`Searching…` : t`No results`
      }
      rightSection={asked.isFetching ? <Loader size={12} /> : undefined}
      rightSectionPointerEvents="none"
      onOptionSubmit={choose}
      onKeyDownCapture={onKeyDown}
      // The keys of the list are not those of the table.
      onKeyDown={(event) => event.stopPropagation()}
      // What was typed to open the editor is the start of a search, which the next character continues.
      {...(typed === null ? {} : { onFocus: () => undefined })}
      onBlur={() => end(onCancel)}
    />
  );
}
