import type { FilePreviewTable, FileTableDraft, ImportType, JsonObject } from "@/lib/api/model";
import { plainLetters } from "@/lib/names/plain-letters";

/** A column of the file, and what becomes of it. */
export interface ColumnChoice {
  from: string;
  /** Its name in the table; null leaves it out. */
  name: string | null;
  type: ImportType;
  decimals: number;
  required: boolean;
}

/** The names of the columns in a database: short, without spaces and special characters. */
export function columnName(name: string): string {
  const words = plainLetters(name)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const short = words.join("_").slice(0, 60);
  return /^\p{L}/u.test(short) ? short : `column_${short || 1}`;
}

/** Returns names for all columns, each of them once. */
export function columnNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const first = columnName(name);
    let free = first;
    for (let count = 2; taken.has(free); count++) free = `${first}_${count}`;
    taken.add(free);
    return free;
  });
}

const ZONED = /[Tt ]\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$/;
const MOST_DECIMALS = 30;

/** How many decimal places the shown values have at most. */
function decimalsOf(values: readonly unknown[]): number {
  const places = values.map((value) => String(value ?? "").split(/[.,]/)[1]?.length ?? 0);
  return Math.min(MOST_DECIMALS, Math.max(2, ...places));
}

/** Returns the columns of a table as they are imported at first. */
export function firstChoices({ columns, rows }: FilePreviewTable): ColumnChoice[] {
  const names = columnNames(columns.map(({ name }) => name));
  return columns.map(({ name, type }, at) => {
    const values = rows.map((row) => row.values[at]);
    const isZoned = type === "datetime" && values.some((value) => ZONED.test(String(value)));
    const detected = type === "duration" ? "text" : isZoned ? "timestamp" : type;
    return {
      from: name,
      name: names[at] ?? name,
      type: detected,
      decimals: decimalsOf(values),
      required: false,
    };
  });
}

/** What identifies a row: a column by its name in the file, a number that the database adds, or nothing. */
export type Key = { column: string } | "numbered" | "none";

/** Returns the column that looks like a key, or else an added number. */
export function firstKey({ columns, totalRows }: FilePreviewTable): Key {
  const found = columns.find(
    ({ name, type, values }) =>
      columnName(name) === "id" && values === totalRows && /^(integer|text)$/.test(type),
  );
  return found ? { column: found.name } : "numbered";
}

/** Returns a name for the added column that no other column has. */
export function numberedName(columns: readonly ColumnChoice[]): string {
  const taken = new Set(columns.map(({ name }) => name?.toLowerCase()));
  return ["id", "row_id", "row_number"].find((name) => !taken.has(name)) ?? "jet_admin_id";
}

/** Where the table is: in a datasource, or in a database that is created. */
type Place = { datasourceID: string } | { newDatabase: string };

export interface Draft {
  place: Place;
  schema: string | null;
  table: string;
  append: boolean;
  columns: readonly ColumnChoice[];
  key: Key;
}

/** Returns the request of a draft. `options` tell how the file is read, `source` is its table. */
export function requestOf(draft: Draft, options: JsonObject, source: string): FileTableDraft {
  const { place, schema, table, append, columns, key } = draft;
  const { fileID: _, ...reading } = options;
  const imported = columns.filter(({ name }) => name !== null);
  const isKey = ({ from }: ColumnChoice) => typeof key === "object" && key.column === from;
  return {
    ...("datasourceID" in place
      ? { datasourceID: place.datasourceID }
      : { newDatabase: { name: place.newDatabase.trim() } }),
    options: reading as FileTableDraft["options"] & object,
    source,
    ...(schema ? { schema } : {}),
    table: table.trim(),
    columns: imported.map((column) => ({
      from: column.from,
      name: (column.name ?? "").trim(),
      type: column.type,
      ...(column.type === "decimal" && !append ? { decimals: column.decimals } : {}),
      ...(append ? {} : { nullable: !column.required && !isKey(column) }),
    })),
    ...(append
      ? { append: true }
      : {
          key: imported.filter(isKey).map(({ name }) => (name ?? "").trim()),
          ...(key === "numbered" ? { numbered: numberedName(imported) } : {}),
        }),
  };
}
