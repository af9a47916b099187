import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { PostgreSQL, sql, SQLite, StandardSQL } from "@codemirror/lang-sql";
import type { Extension } from "@codemirror/state";

export type Language = "sql" | "javascript" | "json" | "text";

export interface SqlTables {
  dialect?: "sqlite" | "postgresql";
  /** Column names by table name (`schema.table` where it is not the default schema). */
  columns: Record<string, string[]>;
}

const dialects = { sqlite: SQLite, postgresql: PostgreSQL };

export function languageSupport(language: Language, tables?: SqlTables): Extension {
  if (language === "sql") return sql({ dialect: tables?.dialect ? dialects[tables.dialect] : StandardSQL, schema: tables?.columns ?? {}, upperCaseKeywords: false });
  if (language === "javascript") return javascript();
  if (language === "json") return json();
  return [];
}
