import type { CompletionSource } from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import {
  keywordCompletionSource,
  MySQL,
  PostgreSQL,
  schemaCompletionSource,
  type SQLDialect,
  type SQLNamespace,
} from "@codemirror/lang-sql";
import type { Extension } from "@codemirror/state";
import type { CodeLanguage } from "./language";
import words from "./sql-words.json";

export interface SqlNames {
  /** The character that quotes names. */
  quote: string;
  /** Schemas, tables and columns by name. */
  names: SQLNamespace;
  /** The schema whose tables need no prefix. */
  defaultSchema?: string;
}

/** Where backticks quote names, double quotes are strings; else the dialect with the most keywords. */
const dialectOf = (quote: string) => (quote === "`" ? MySQL : PostgreSQL);

/** How far before the cursor the context is searched. */
const NEAR = 200;

/** Inside braces are parameters, not SQL; after a dot there is no keyword. */
const unless =
  (place: RegExp, source: CompletionSource): CompletionSource =>
  (context) =>
    place.test(context.state.sliceDoc(Math.max(0, context.pos - NEAR), context.pos)) ? null : source(context);

const BRACES = /\{\{[^}]*$/;
const BRACES_OR_DOT = /\{\{[^}]*$|\.\w*$/;

/** What people write: a dialect reserves many more words. */
const common: ReadonlySet<string> = new Set(words);

const keywords = (dialect: SQLDialect): CompletionSource => {
  const source = keywordCompletionSource(dialect, false);
  return async (context) => {
    const found = await source(context);
    return (
      found && { ...found, options: found.options.filter(({ label }) => common.has(label.toLowerCase())) }
    );
  };
};

function sqlSupport(known: SqlNames | undefined): Extension {
  const dialect = dialectOf(known?.quote ?? '"');
  const names = schemaCompletionSource({
    dialect,
    schema: known?.names ?? {},
    ...(known?.defaultSchema ? { defaultSchema: known.defaultSchema } : {}),
  });
  const complete = (autocomplete: CompletionSource) => dialect.language.data.of({ autocomplete });
  return [
    dialect.language,
    complete(unless(BRACES, names)),
    complete(unless(BRACES_OR_DOT, keywords(dialect))),
  ];
}

export function languageSupport(language: CodeLanguage, known?: SqlNames): Extension {
  if (language === "sql") return sqlSupport(known);
  if (language === "javascript") return javascript();
  if (language === "json") return json();
  return [];
}
