// The rows of other tables that columns refer to.
import type { JsonObject, SchemaTable } from "@/lib/api/model";

type SchemaColumn = SchemaTable["columns"][number];

/** The columns that people recognize a row by, the best first: the same as in apps from a table. */
const LABELS = [
  "name",
  "title",
  "label",
  "full_name",
  "fullname",
  "display_name",
  "displayname",
  "username",
  "user_name",
  "email",
  "code",
  "slug",
  "subject",
  "key",
];

const TEXT = /^(text|n?(var)?char|character|citext|clob|(tiny|medium|long)text)/i;

export const tableTitle = ({ schema, name }: Pick<SchemaTable, "schema" | "name">) =>
  schema ? `${schema}.${name}` : name;

const same = (one: string | null | undefined, other: string) => one?.toLowerCase() === other.toLowerCase();

/** Guesses the column of a table that people recognize a row by. */
function labelColumn({ columns }: Pick<SchemaTable, "columns">): string | null {
  const texts = columns.filter(({ type }) => TEXT.test(type));
  const named = LABELS.flatMap((label) => texts.filter(({ name }) => same(name, label)));
  const ending = texts.filter(({ name }) => /(name|title)$/i.test(name));
  const others = texts.filter(({ primaryKey, references }) => !primaryKey && !references);
  return [...named, ...ending, ...others][0]?.name ?? null;
}

/** Returns the setting of a foreign key of one column; null for other columns, and where nothing would name a row. */
export function referenceOf(
  { references }: SchemaColumn,
  own: Pick<SchemaTable, "schema">,
  tables: readonly SchemaTable[],
): JsonObject | null {
  if (!references || references.composite) return null;
  const schema = references.schema ?? own.schema ?? null;
  const found = tables.find(
    (table) => same(table.name, references.table) && (table.schema ?? null) === schema,
  );
  const key = found?.columns.find(({ name }) => same(name, references.column))?.name;
  const label = found && labelColumn(found);
  if (!found || !key || !label || label === key) return null;
  return { schema: found.schema ?? null, table: found.name, key, label };
}

/** Returns the setting for a table that somebody selects: its first key column and the best label. */
export function referenceTo(table: SchemaTable): JsonObject {
  const key = table.columns.find(({ primaryKey }) => primaryKey) ?? table.columns[0];
  const label = labelColumn(table) ?? key?.name;
  return { schema: table.schema ?? null, table: table.name, key: key?.name ?? "", label: label ?? "" };
}
