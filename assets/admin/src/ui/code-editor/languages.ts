import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { MySQL, PostgreSQL, sql, type SQLNamespace } from "@codemirror/lang-sql";
import type { Extension } from "@codemirror/state";
import type { Language } from "./language";

export interface SqlNames {
  /** What stands around a name that needs quoting. */
  quote: string;
  /** Schemas, tables and columns by name. */
  names: SQLNamespace;
  /** The schema whose tables need no schema in front. */
  defaultSchema?: string;
}

/** Where backticks quote names, double quotes make texts; else the dialect that knows the most words. */
const dialectOf = (quote: string) => (quote === "`" ? MySQL : PostgreSQL);

export function languageSupport(language: Language, known?: SqlNames): Extension {
  if (language === "sql") return sql({ dialect: dialectOf(known?.quote ?? '"'), schema: known?.names ?? {}, ...(known?.defaultSchema ? { defaultSchema: known.defaultSchema } : {}), upperCaseKeywords: false });
  if (language === "javascript") return javascript();
  if (language === "json") return json();
  return [];
}
