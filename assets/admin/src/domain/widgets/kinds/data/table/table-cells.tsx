import { t } from "@lingui/core/macro";
import { Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconCheck, IconMinus, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { asNumber } from "@/lib/format/figures";
import { cellText, type Row } from "@/lib/rows/cells";
import type { Tone } from "../../charts/chart-theme";
import { safeAddress } from "../../config";
import { cellWords, isNothing, isTicked } from "./cell-words";
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
        <span className={classes.badge} data-tone={tone}>
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
      return isTicked(value) ? (
        <IconCheck size={15} aria-label={t`yes`} />
      ) : (
        <IconMinus size={15} aria-label={t`no`} color="var(--jet-muted)" />
      );
    default:
      return words;
  }
}

interface EditableCellProps extends Omit<CellProps, "value"> {
  row: Row;
  /** Why the reader cannot edit it. */
  refusal: string | null;
  onEntered: (value: unknown) => void;
}

/** A cell that becomes an input when clicked: Enter confirms, Escape cancels. */
export function EditableCell({ row, refusal, onEntered, ...cell }: EditableCellProps) {
  const { column } = cell;
  const [text, setText] = useState<string | null>(null);
  const value = row[column.field];
  const before = isNothing(value) ? "" : cellText(value);
  const label = `${column.label}: ${cellWords(column, value)}`;
  if (refusal) {
    return (
      <span title={refusal}>
        <Cell {...cell} value={value} />
      </span>
    );
  }
  if (text === null) {
    return (
      <UnstyledButton
        className={classes.editable}
        aria-label={t`Edit ${label}`}
        onClick={() => setText(before)}
      >
        <Cell {...cell} value={value} />
        <IconPencil size={12} aria-hidden />
      </UnstyledButton>
    );
  }
  const finish = (next: string) => {
    setText(null);
    if (next !== before) onEntered(entered(next, value));
  };
  const choices = column.edit?.choices ?? [];
  const common = {
    size: "xs",
    autoFocus: true,
    "aria-label": column.label,
    className: classes.input ?? "",
    onBlur: () => setText(null),
  } as const;
  if (choices.length)
    return (
      <Select
        {...common}
        data={[...new Set([before, ...choices])].filter(Boolean)}
        value={text || null}
        defaultDropdownOpened
        onChange={(next) => finish(next ?? "")}
        onKeyDown={(event) => event.key === "Escape" && setText(null)}
      />
    );
  return (
    <TextInput
      {...common}
      value={text}
      maxLength={10_000}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish(text);
        if (event.key === "Escape") setText(null);
      }}
    />
  );
}
