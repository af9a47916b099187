import { t } from "@lingui/core/macro";
import { Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { isTrue } from "@/lib/format/columns";
import { asNumber } from "@/lib/format/figures";
import { printNumber, typedProblem } from "@/lib/format/typed-number";
import type { Tone } from "@/lib/format/tones";
import { cellText, type Row } from "@/lib/rows/cells";
import { safeAddress } from "../../config";
import { CheckMark } from "../check-mark";
import { cellWords, isNothing } from "./cell-words";
import { entered, type TableColumn } from "./table-columns";
import classes from "./table.module.css";

interface CellProps {
  column: TableColumn;
  value: unknown;
  /** The maximum for the bars of the column. */
  largest: number;
  tone: Tone | undefined;
}

/** Renders a cell according to its column. */
export function Cell({ column, value, largest, tone }: CellProps) {
  const words = cellWords(column, value);
  if (isNothing(value)) return <span className={classes.nothing}>–</span>;
  switch (column.display) {
    case "badge":
      return (
        <span className={classes.badge} data-tone={tone ?? column.format.tone(value)}>
          {words}
        </span>
      );
    case "link": {
      const address = safeAddress(value);
      if (!address) return words;
      return (
        <a
          className={classes.link}
          href={address}
          {...(address.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" })}
        >
          {words}
        </a>
      );
    }
    case "bar":
      return (
        <span className={classes.bar}>
          <span className={classes.barTrack} aria-hidden>
            <span
              style={{
                width: `${largest > 0 ? Math.max(0, Math.min(1, (asNumber(value) ?? 0) / largest)) * 100 : 0}%`,
              }}
            />
          </span>
          {words}
        </span>
      );
    case "check":
      return <CheckMark isTrue={isTrue(value)} />;
    default:
      return words;
  }
}

interface EditableCellProps extends Omit<CellProps, "value"> {
  row: Row;
  /** Why the reader cannot edit it. */
  refusal: string | null;
  /** Called with the row that the input was opened for: another one may have taken its place since. */
  onEntered: (value: unknown, row: Row) => void;
}

/** A cell that becomes an input when clicked: Enter confirms, Escape cancels. */
export function EditableCell({ row: present, refusal, onEntered, ...cell }: EditableCellProps) {
  const { column } = cell;
  const [editing, setEditing] = useState<{ text: string; row: Row } | null>(null);
  const row = editing?.row ?? present;
  const value = row[column.field];
  const isNumeric = typeof value === "number";
  const before = isNothing(value) ? "" : isNumeric ? printNumber(cellText(value)) : cellText(value);
  const label = `${column.label}: ${cellWords(column, value)}`;
  if (refusal) {
    return (
      <span title={refusal}>
        <Cell {...cell} value={present[column.field]} />
      </span>
    );
  }
  if (!editing) {
    return (
      <UnstyledButton
        className={classes.editable}
        aria-label={t`Edit ${label}`}
        onClick={() => setEditing({ text: before, row })}
      >
        <Cell {...cell} value={value} />
        <IconPencil size={12} aria-hidden />
      </UnstyledButton>
    );
  }
  const { text } = editing;
  const problem = isNumeric && text.trim() !== "" ? typedProblem(text) : null;
  const close = () => setEditing(null);
  const finish = (next: string) => {
    close();
    if (next !== before) onEntered(entered(next, value), row);
  };
  const choices = column.edit?.choices ?? [];
  const common = {
    size: "xs",
    autoFocus: true,
    "aria-label": column.label,
    className: classes.input ?? "",
    onBlur: close,
  } as const;
  if (choices.length)
    return (
      <Select
        {...common}
        data={[...new Set([before, ...choices])].filter(Boolean)}
        value={text || null}
        defaultDropdownOpened
        onOptionSubmit={finish}
        onKeyDown={(event) => event.key === "Escape" && close()}
      />
    );
  return (
    <TextInput
      {...common}
      value={text}
      maxLength={10_000}
      error={problem}
      onChange={(event) => setEditing({ text: event.currentTarget.value, row })}
      onKeyDown={(event) => {
        if (event.key === "Enter" && problem === null) finish(text);
        if (event.key === "Escape") close();
      }}
    />
  );
}
