import type { Column, JsonObject } from "@/lib/api/model";
import { columnFormat, type ColumnFormat } from "@/lib/format/columns";
import { columnNamed, kindOf, type Row } from "@/lib/rows/cells";
import { isObject } from "@/lib/is-object";
import { isOn, marksOf, ownStyle, textOf } from "../../../config";
import type { References } from "./references";
import { entryOfDates, entryOfTexts } from "./written-dates";

/** How values of a column are entered. */
export type Entry =
  "text" | "longText" | "number" | "checkbox" | "date" | "datetime" | "time" | "json" | "bytes";

/** A column of an editable table. */
export interface GridField {
  field: string;
  label: string;
  type: string;
  entry: Entry;
  /** Whether it may be changed in existing rows, and set in new ones. */
  inRows: boolean;
  inNew: boolean;
  choices: string[];
  /** Whether no cell may be empty. */
  required: boolean;
  /** Whether clearing a text leaves an empty text; without it, no value. */
  emptyText: boolean;
  /** Whether its cells always have a value: in a new row, the default of the database if nothing is entered. */
  neverNull: boolean;
  /** How values are shown, if the query declares it or the widget sets it. Editors have the values themselves. */
  format: ColumnFormat;
  /** Whether its values are the keys of rows of a table. */
  refers: boolean;
  /** Those rows; null where they cannot be looked up. */
  references: References | null;
  /** A value of the column, whose form new values follow. */
  sample: unknown;
}

const editors = ["text", "longText", "number", "checkbox", "date", "datetime", "time", "json"] as const;

const BYTES = /^(bytea|(tiny|medium|long)?blob|(var)?binary|geometry)/i;
const TEXT = /^(text|n?(var)?char|character|bpchar|clob|string|uuid|enum|set|citext)/i;

/** Whether a column holds texts, by its type. */
export const isTextType = (type: string): boolean => TEXT.test(type) || /^(tiny|medium|long)text/i.test(type);

/** Returns how values of a column are entered, by its type, or by its values if the type says nothing. */
function entryOf(column: Column, rows: readonly Row[]): Entry {
  const type = column.type.toLowerCase();
  const values = rows.map((row) => row[column.name]).filter((value) => value !== null && value !== undefined);
  if (BYTES.test(type)) return "bytes";
  if (/^json/.test(type)) return "json";
  if (/^bool/.test(type)) return "checkbox";
  if (/^(timestamp|datetime|date)/.test(type)) return entryOfDates(type, values);
  if (/^time/.test(type)) return "time";
  if (/^(long|medium)text/.test(type)) return "longText";
  if (TEXT.test(type)) return entryOfTexts(values) ?? "text";
  if (values.length && values.every((value) => typeof value === "boolean")) return "checkbox";
  if (values.some((value) => typeof value === "object")) return "json";
  return kindOf(column, rows) === "number" ? "number" : "text";
}

const isEditor = (value: unknown): value is Entry => editors.some((editor) => editor === value);

/** Returns the configured columns with their editors. */
export function gridFields(
  config: JsonObject,
  columns: readonly Column[],
  rows: readonly Row[],
): GridField[] {
  const key = keyColumns(config);
  return marksOf(config, "columns", columns).map(({ field, label, config: own }) => {
    const column = columnNamed(columns, field);
    const editing = textOf(own, "editing") || "always";
    const bySetting = own["editor"];
    const entry = isEditor(bySetting) ? bySetting : entryOf(column, rows);
    const open = entry !== "bytes";
    return {
      field,
      label,
      type: column.type,
      entry,
      inRows: open && editing === "always",
      inNew: open && editing !== "never",
      choices: Array.isArray(own["choices"])
        ? own["choices"].filter((choice): choice is string => typeof choice === "string")
        : [],
      required: isOn(own, "required"),
      emptyText: isOn(own, "emptyText"),
      neverNull: isOn(own, "required") || isOn(own, "emptyText") || key.includes(field),
      format: columnFormat(columns, field, rows, ownStyle(own)),
      refers: isObject(own["references"]),
      references: null,
      sample: rows.find((row) => row[field] !== null && row[field] !== undefined)?.[field] ?? null,
    };
  });
}

/** Returns the names of the key columns. */
export function keyColumns(config: JsonObject): string[] {
  const key = config["key"];
  return Array.isArray(key) ? key.filter((name): name is string => typeof name === "string") : [];
}
