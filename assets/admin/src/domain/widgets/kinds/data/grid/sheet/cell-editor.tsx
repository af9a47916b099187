import { t } from "@lingui/core/macro";
import { useEffect, useRef, useState } from "react";
import { inputText, printValue } from "../draft/cell-values";
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

const browserInputs = { date: "date", datetime: "datetime-local", time: "time" } as const;

/** Edits one cell: Enter and Tab confirm and move on, Escape cancels, leaving the cell confirms. */
export function CellEditor(props: CellEditorProps) {
  const { field, value, typed } = props;
  const { entry, choices } = field;
  if (field.references) return <ReferenceEditor {...props} references={field.references} />;
  if (choices.length) return <ChoiceEditor {...props} />;
  if (entry === "date" || entry === "datetime" || entry === "time") {
    const text = inputText(field, value);
    if (text !== "" || value === null || value === undefined)
      return <TextEditor {...props} start={text} type={browserInputs[entry]} />;
  }
  const start = typed ?? printValue(field, value);
  const isLong = entry === "longText" || entry === "json" || start.includes("\n");
  return isLong ? (
    <LongEditor {...props} start={start} />
  ) : (
    <TextEditor {...props} start={start} type="text" />
  );
}

/** Returns the handlers that every editor has. */
function useEditing({ onEntered, onCancel }: CellEditorProps, start: string) {
  const [text, setText] = useState(start);
  const isDone = useRef(false);
  const end = (direction: Direction) => {
    if (isDone.current) return;
    isDone.current = true;
    if (text === start && direction === "stay") onCancel();
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
    if (typed === null && input.current?.type !== "date") input.current?.select();
  }, [typed]);
  return input;
}

function TextEditor({ start, type, ...props }: CellEditorProps & { start: string; type: string }) {
  const { field, typed } = props;
  // The browser's own inputs show only whole values.
  const shown = type === "text" ? start : inputText(field, props.value);
  const { text, setText, onKeyDown, onBlur } = useEditing(props, shown);
  const input = useFocus<HTMLInputElement>(typed);
  return (
    <input
      ref={input}
      className={classes.editor}
      type={type}
      {...(type === "datetime-local" || type === "time" ? { step: 1 } : {})}
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

function LongEditor({ start, ...props }: CellEditorProps & { start: string }) {
  const { field, typed } = props;
  const { text, setText, onKeyDown, onBlur } = useEditing(props, start);
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
  const { text, setText, onKeyDown, onBlur } = useEditing(props, before);
  const input = useRef<HTMLSelectElement>(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  const options = [...new Set([...(field.required ? [] : [""]), before, ...field.choices])];
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
        <option key={option} value={option}>
          {option === "" ? "NULL" : option}
        </option>
      ))}
    </select>
  );
}
