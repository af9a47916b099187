import { t } from "@lingui/core/macro";
import { ActionIcon } from "@mantine/core";
import { IconCalendar, IconClock } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { dayLimits, momentLimits } from "@/lib/format/dates/calendar";
import { inputText, printValue, readValue } from "../draft/cell-values";
import type { GridField } from "../draft/grid-fields";
import classes from "../grid.module.css";
import { ReferenceEditor } from "./reference-editor";

/** Where the selection moves after a value was entered. */
export type Direction = "down" | "up" | "right" | "left" | "stay";

export interface CellEditorProps {
  field: GridField;
  value: unknown;
  /** What was typed on the cell: it replaces the value. Null to edit the value. */
  typed: string | null;
  onEntered: (text: string, direction: Direction) => void;
  /** Selects a row in a column that refers to rows. */
  onChosen: (key: unknown, direction: Direction) => void;
  onCancel: () => void;
}

/** The browser's own inputs, from which a date is picked. */
const pickers = {
  date: { type: "date", ...dayLimits },
  datetime: { type: "datetime-local", step: 1, ...momentLimits },
  time: { type: "time", step: 1 },
} as const;

/** Edits one cell: Enter and Tab confirm and move on, Escape cancels, leaving the cell confirms. */
export function CellEditor(props: CellEditorProps) {
  const { field, value, typed } = props;
  const { entry, choices } = field;
  if (field.references) return <ReferenceEditor {...props} references={field.references} />;
  if (choices.length) return <ChoiceEditor {...props} />;
  if (entry === "date" || entry === "datetime" || entry === "time")
    return <DateEditor {...props} kind={entry} />;
  const isLong =
    entry === "longText" || entry === "json" || (typed === null && printValue(field, value).includes("\n"));
  return isLong ? <LongEditor {...props} /> : <TextEditor {...props} />;
}

/** Returns the text that is edited first, and the handlers that every editor has. */
function useEditing({ field, value, typed, onEntered, onCancel }: CellEditorProps) {
  const [start] = useState(typed ?? printValue(field, value));
  const [text, setText] = useState(start);
  const isDone = useRef(false);
  const end = (direction: Direction) => {
    if (isDone.current) return;
    isDone.current = true;
    if (typed === null && text === start && direction === "stay") onCancel();
    else onEntered(text, direction);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      isDone.current = true;
      onCancel();
    } else if (
      event.key === "Enter" &&
      !event.altKey &&
      !(event.shiftKey && event.target instanceof HTMLTextAreaElement)
    ) {
      event.preventDefault();
      end(event.shiftKey ? "up" : "down");
    } else if (event.key === "Tab") {
      event.preventDefault();
      end(event.shiftKey ? "left" : "right");
    }
  };
  return { text, setText, onKeyDown, onBlur: () => end("stay") };
}

/** Focuses an editor, with the cursor behind what was typed or with everything selected. */
function useFocus<T extends HTMLInputElement | HTMLTextAreaElement>(typed: string | null) {
  const input = useRef<T>(null);
  useEffect(() => {
    input.current?.focus({ preventScroll: true });
    if (typed === null) input.current?.select();
  }, [typed]);
  return input;
}

function TextEditor(props: CellEditorProps) {
  const { field, typed } = props;
  const { text, setText, onKeyDown, onBlur } = useEditing(props);
  const input = useFocus<HTMLInputElement>(typed);
  return (
    <input
      ref={input}
      className={classes.editor}
      {...(field.entry === "number" ? { inputMode: "decimal" as const } : {})}
      data-align={field.entry === "number" ? "right" : undefined}
      aria-label={field.label}
      value={text}
      spellCheck={field.entry === "text"}
      autoComplete="off"
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    />
  );
}

/**
 * Edits a date as text: the browser's own inputs would take typed digits for day, month and year in an order of their
 * own choice. They are only used to pick a date.
 */
function DateEditor({ kind, ...props }: CellEditorProps & { kind: keyof typeof pickers }) {
  const { field, value, typed } = props;
  const { text, setText, onKeyDown, onBlur } = useEditing(props);
  const input = useFocus<HTMLInputElement>(typed);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div
      className={classes.dateEditor}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) onBlur();
      }}
      onKeyDown={onKeyDown}
    >
      <input
        ref={input}
        className={classes.editor}
        aria-label={field.label}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <input
        ref={picker}
        {...pickers[kind]}
        className={classes.picker}
        tabIndex={-1}
        aria-hidden
        value={inputText(field, readValue(field, text, value))}
        onChange={(event) => {
          if (event.currentTarget.value) setText(event.currentTarget.value.replace("T", " "));
          input.current?.focus({ preventScroll: true });
        }}
      />
      <ActionIcon
        variant="subtle"
        size="sm"
        className={classes.pick}
        tabIndex={-1}
        aria-label={kind === "time" ? t`Select a time` : t`Select a date`}
        // the text keeps the focus
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => picker.current?.showPicker()}
      >
        {kind === "time" ? <IconClock size={14} /> : <IconCalendar size={14} />}
      </ActionIcon>
    </div>
  );
}

function LongEditor(props: CellEditorProps) {
  const { field, typed } = props;
  const { text, setText, onKeyDown, onBlur } = useEditing(props);
  const input = useFocus<HTMLTextAreaElement>(typed);
  return (
    <textarea
      ref={input}
      className={classes.longEditor}
      data-mono={field.entry === "json" || undefined}
      aria-label={field.label}
      title={t`Shift+Enter starts a new line`}
      value={text}
      rows={4}
      spellCheck={field.entry !== "json"}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    />
  );
}

function ChoiceEditor(props: CellEditorProps) {
  const { field, value } = props;
  const before = printValue(field, value);
  const { text, setText, onKeyDown, onBlur } = useEditing({ ...props, typed: null });
  const input = useRef<HTMLSelectElement>(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  const options = [...new Set([...(field.neverNull ? [] : [""]), before, ...field.choices])];
  return (
    <select
      ref={input}
      className={classes.editor}
      aria-label={field.label}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    >
      {options.map((option) => (
        <option key={option} value={option} hidden={option === "" && field.neverNull}>
          {option !== "" ? option : field.neverNull ? t`Select…` : "NULL"}
        </option>
      ))}
    </select>
  );
}
