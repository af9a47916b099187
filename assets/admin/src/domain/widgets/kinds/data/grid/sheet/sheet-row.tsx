import { t } from "@lingui/core/macro";
import { VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { toneIn } from "@/lib/format/columns";
import { CheckMark } from "../../check-mark";
import { isTicked, printValue } from "../draft/cell-values";
import { cellID, type Conflict } from "../draft/grid-changes";
import { isOpen, type Line } from "../draft/grid-draft";
import type { GridField } from "../draft/grid-fields";
import classes from "../grid.module.css";
import { CellEditor, type Direction } from "./cell-editor";
import { contains, rectangleOf, type Selection } from "./selection";

/** The longest text in a cell; the rest is seen in its editor. */
const LONGEST = 500;

/** The cell that is being edited, and what was typed on it. */
export interface EditedCell {
  row: number;
  column: number;
  typed: string | null;
}

interface SheetRowProps {
  prefix: string;
  index: number;
  line: Line;
  fields: readonly GridField[];
  selection: Selection;
  edited: EditedCell | null;
  problems: Readonly<Record<string, string>>;
  conflict: Conflict | undefined;
  onEntered: (text: string, direction: Direction) => void;
  onChosen: (key: unknown, direction: Direction) => void;
  onCancel: () => void;
}

/** The cells of a row, after its state. */
export function SheetRow({
  prefix,
  index,
  line,
  fields,
  selection,
  edited,
  problems,
  conflict,
  onEntered,
  onChosen,
  onCancel,
}: SheetRowProps) {
  const rectangle = rectangleOf(selection);
  const whole = problems[cellID(line.id, "")];
  return (
    <>
      <div role="rowheader" className={classes.state} data-head={index} aria-colindex={1}>
        <RowState line={line} number={index + 1} conflict={conflict} problem={whole} />
      </div>
      {fields.map((field, column) => {
        const isEdited = edited?.row === index && edited.column === column;
        const problem = problems[cellID(line.id, field.field)] ?? null;
        const before =
          line.loaded && line.state === "changed" ? printValue(field, line.loaded[field.field]) : null;
        const value = line.row[field.field];
        const isChanged = before !== null && before !== printValue(field, value);
        return (
          <div
            key={field.field}
            id={`${prefix}-${index}-${column}`}
            role="gridcell"
            className={classes.cell}
            data-row={index}
            data-column={column}
            aria-colindex={column + 2}
            aria-selected={contains(rectangle, index, column)}
            aria-readonly={!isOpen(line, field) || undefined}
            aria-invalid={problem !== null || undefined}
            data-focus={(selection.focus.row === index && selection.focus.column === column) || undefined}
            data-align={field.entry === "number" && !field.references ? "right" : undefined}
            data-changed={isChanged || undefined}
            data-invalid={problem !== null || conflict?.fields.includes(field.field) || undefined}
            title={problem ?? (isChanged ? t`Before: ${before}` : undefined)}
          >
            {isEdited ? (
              <CellEditor
                field={field}
                value={value}
                typed={edited.typed}
                onEntered={onEntered}
                onChosen={onChosen}
                onCancel={onCancel}
              />
            ) : (
              <CellText field={field} value={value} isNew={line.state === "added"} isChanged={isChanged} />
            )}
            {problem !== null && !isEdited && <VisuallyHidden>{problem}</VisuallyHidden>}
            {isChanged && <VisuallyHidden>{t`Changed`}</VisuallyHidden>}
          </div>
        );
      })}
    </>
  );
}

interface CellTextProps {
  field: GridField;
  value: unknown;
  isNew: boolean;
  isChanged: boolean;
}

function CellText({ field, value, isNew, isChanged }: CellTextProps) {
  if (value === undefined && isNew)
    return (
      <span className={classes.nothing}>{!field.inNew ? "" : field.required ? t`Required` : t`Default`}</span>
    );
  if (value === null || value === undefined)
    return <span className={classes.nothing}>{isChanged && field.neverNull ? t`Required` : "NULL"}</span>;
  if (field.entry === "checkbox" && typeof value !== "string") return <CheckMark isTrue={isTicked(value)} />;
  const words = field.format.isDeclared ? field.format.text(value) : printValue(field, value);
  return (
    <span className={classes.text} data-tone={toneIn(field.format)(value)}>
      {words.slice(0, LONGEST)}
    </span>
  );
}

interface RowStateProps {
  line: Line;
  number: number;
  conflict: Conflict | undefined;
  problem: string | undefined;
}

/** Shows by an icon and a name what happens to a row. */
function RowState({ line, number, conflict, problem }: RowStateProps) {
  if (problem !== undefined)
    return (
      <IconAlertTriangle size={14} className={classes.alert} aria-label={t`Row ${number}: ${problem}`} />
    );
  if (conflict) {
    const label = conflict.current
      ? t`Row ${number}: changed by someone else`
      : t`Row ${number}: deleted by someone else`;
    return <IconAlertTriangle size={14} className={classes.alert} aria-label={label} />;
  }
  switch (line.state) {
    case "added":
      return <IconPlus size={14} className={classes.added} aria-label={t`Row ${number}: added`} />;
    case "changed":
      return <IconPencil size={14} className={classes.changed} aria-label={t`Row ${number}: changed`} />;
    case "deleted":
      return <IconTrash size={14} className={classes.deleted} aria-label={t`Row ${number}: deleted`} />;
    default:
      return <span>{number}</span>;
  }
}
