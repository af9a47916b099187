import type { DatasourceType } from "@/lib/api/model";
import { resolve } from "@/lib/schema/schema-fields";

/** Returns the character that quotes names in this type's SQL. */
export function quoteOf({ queryOptionsSchema }: DatasourceType): string {
  const { sql } = resolve(queryOptionsSchema, queryOptionsSchema).schema.properties ?? {};
  return sql?.["x-quote"] ?? '"';
}
