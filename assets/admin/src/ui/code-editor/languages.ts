import type { CompletionSource } from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { keywordCompletionSource, MySQL, PostgreSQL, schemaCompletionSource, type SQLNamespace } from "@codemirror/lang-sql";
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

/** How far back it is looked where the cursor stands. */
const NEAR = 200;

/** Within braces stand parameters, which are no SQL; behind a dot stands no keyword. */
const unless = (place: RegExp, source: CompletionSource): CompletionSource => (context) => (place.test(context.state.sliceDoc(Math.max(0, context.pos - NEAR), context.pos)) ? null : source(context));

const BRACES = /\{\{[^}]*$/;
const BRACES_OR_DOT = /\{\{[^}]*$|\.\w*$/;

function sqlSupport(known: SqlNames | undefined): Extension {
  const dialect = dialectOf(known?.quote ?? '"');
  const names = schemaCompletionSource({ dialect, schema: known?.names ?? {}, ...(known?.defaultSchema ? { defaultSchema: known.defaultSchema } : {}) });
  const complete = (autocomplete: CompletionSource) => dialect.language.data.of({ autocomplete });
  return [dialect.language, complete(unless(BRACES, names)), complete(unless(BRACES_OR_DOT, keywordCompletionSource(dialect, false)))];
}

export function languageSupport(language: Language, known?: SqlNames): Extension {
  if (language === "sql") return sqlSupport(known);
  if (language === "javascript") return javascript();
  if (language === "json") return json();
  return [];
}
