// The settings of an editable table for a table of a datasource.
import type { Column, JsonObject, SchemaTable } from "@/lib/api/model";
import { referenceOf } from "../../../../form/references";
import { isTextType } from "./grid-fields";

type TableColumn = SchemaTable["columns"][number];

/** Whether the database sets a column of new rows itself. */
const isGenerated = ({ default: standard, type, generated }: TableColumn) =>
  generated === "identity" ||
  /^(generated|nextval|uuid|gen_random|auto_increment)/i.test(standard ?? "") ||
  /serial/i.test(type);

/** What an empty cell of a column means: it is rejected, or it is an empty text where there must be a value. */
function emptinessOf({ type, nullable, primaryKey, default: standard, generated, values }: TableColumn) {
  if (nullable && !primaryKey) return {};
  const hasDefault = (standard !== null && standard !== undefined) || Boolean(generated);
  if (!hasDefault) return { required: true };
  return isTextType(type) || values?.length ? { emptyText: true } : {};
}

/** The maximum number of choices of a column. */
const MOST_CHOICES = 200;

/** Returns the settings for a table: its key, and the columns that the query returns. */
export function settingsFor(
  table: SchemaTable,
  tables: readonly SchemaTable[],
  columns: readonly Column[],
  config: JsonObject,
): JsonObject {
  const key = table.columns.filter(({ primaryKey }) => primaryKey);
  const known = new Map(table.columns.map((column) => [column.name, column]));
  const all = columns.length ? columns.map(({ name }) => name) : table.columns.map(({ name }) => name);
  const refers = (name: string) => {
    const column = known.get(name);
    return column ? referenceOf(column, table, tables) : null;
  };
  // The query of an app also returns the label of each row that it refers to: the column itself shows it here.
  const labels = new Set(all.filter(refers).map((name) => `${name}_label`));
  const names = all.filter((name) => known.has(name) || !labels.has(name));
  const editing = (name: string) => {
    const column = known.get(name);
    if (!column || column.generated === "computed") return "never";
    // A key that is left empty in a new row gets the database's next one, if it counts them.
    if (column.primaryKey) return isGenerated(column) ? "never" : "newRows";
    return "always";
  };
  return {
    ...config,
    schema: table.schema ?? null,
    table: table.name,
    key: key.map(({ name }) => name),
    columns: names.map((field) => {
      const values = known.get(field)?.values?.slice(0, MOST_CHOICES) ?? [];
      const column = known.get(field);
      const references = refers(field);
      return {
        field,
        editing: editing(field),
        ...(references ? { references } : values.length ? { choices: values } : {}),
        ...(column && editing(field) !== "never" ? emptinessOf(column) : {}),
      };
    }),
  };
}
