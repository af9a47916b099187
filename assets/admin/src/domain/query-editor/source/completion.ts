import { t } from "@lingui/core/macro";
import type { Completion, CompletionSource } from "@codemirror/autocomplete";
import type { Items, Parameter, SchemaTable } from "@/lib/api/model";
import { pathOf, quoted, usualSchema } from "@/lib/sql/sql-names";
import type { SqlNames } from "@/ui/code-editor/languages";

/** Completes the declared parameters inside of `{{ … }}`. */
export function completeParameters(parameters: readonly Parameter[]): CompletionSource {
  return (context) => {
    const open = context.matchBefore(/\{\{[^{}]*/);
    if (!open) return null;
    const word = context.matchBefore(/[\w.]*/);
    const closed = context.state
      .sliceDoc(context.pos, context.pos + 20)
      .trimStart()
      .startsWith("}}");
    const end = closed ? "" : " }}";
    return {
      from: word?.from ?? context.pos,
      options: parameters.flatMap(({ name, type, allowed = [] }) => [
        { label: t`params.${name}`, detail: type, apply: `params.${name}${end}`, type: "variable" },
        ...(type === "array"
          ? [
              {
                label: t`array(params.${name})`,
                detail: t`as one value`,
                apply: `array(params.${name})${end}`,
                type: "function",
              },
            ]
          : []),
        ...(allowed.length
          ? [
              {
                label: t`ident(params.${name})`,
                detail: t`as an identifier`,
                apply: `ident(params.${name})${end}`,
                type: "function",
              },
            ]
          : []),
      ]),
      validFor: /^[\w.]*$/,
    };
  };
}

type Columns = SchemaTable["columns"];

function named(
  name: string,
  quote: string,
  type: string,
  detail: string,
  comment?: string | null,
): Completion {
  return { label: name, apply: quoted(name, quote), type, detail, ...(comment ? { info: comment } : {}) };
}

const columnCompletions = (columns: Columns, quote: string) =>
  columns.map((column) => named(column.name, quote, "property", column.type, column.comment));

/** Returns schemas, tables and columns for the completion of the SQL editor, which resolves aliases itself. */
export function sqlNames(schema: Items<SchemaTable> | undefined, quote: string): SqlNames {
  const tables = schema?.items ?? [];
  const usual = usualSchema(tables);
  const names: Record<string, Record<string, object>> = {};
  for (const table of tables) {
    const entry = {
      self: named(table.name, quote, "type", table.kind, table.comment),
      children: columnCompletions(table.columns, quote),
    };
    const path = pathOf(table, usual);
    if (path.length === 1) names[table.name] = entry;
    else if (table.schema) (names[table.schema] ??= {})[table.name] = entry;
  }
  return { quote, names: names as SqlNames["names"] };
}

const MENTION = /\b(?:from|join|update|into)\s+([\w."`[\]]+)|,\s*([\w."`[\]]+)/gi;

/** Returns the tables that a statement mentions. */
export function mentionedTables(sql: string, tables: readonly SchemaTable[]): SchemaTable[] {
  const words = [...sql.matchAll(MENTION)].map((match) =>
    (match[1] ?? match[2] ?? "").replace(/["`[\]]/g, "").toLowerCase(),
  );
  const mentioned = new Set(words);
  return tables.filter(
    ({ schema, name }) =>
      mentioned.has(name.toLowerCase()) || (schema && mentioned.has(`${schema}.${name}`.toLowerCase())),
  );
}

/** Completes columns of the tables that the statement mentions, without a table prefix. */
export function completeColumns(schema: Items<SchemaTable> | undefined, quote: string): CompletionSource {
  const tables = schema?.items ?? [];
  return (context) => {
    const word = context.matchBefore(/[\w$]+/);
    if (!word && !context.explicit && !context.matchBefore(/\.$/)) return null;
    const from = word?.from ?? context.pos;
    const before = context.state.sliceDoc(Math.max(0, from - 200), from);
    // Within braces only parameters are valid.
    if (/\{\s*$|\{\{[^}]*$/.test(before)) return null;
    const mentioned = mentionedTables(context.state.doc.toString(), tables);
    const owner = /([\w$]+)["`\]]?\.\s*$/.exec(before)?.[1];
    // After a dot the table is known, unless the statement has not named it yet.
    const isKnown =
      mentioned.length > 0 || tables.some(({ schema: of, name }) => of === owner || name === owner);
    if (owner && isKnown) return null;
    const options = (owner ? tables : mentioned).flatMap((table) =>
      columnCompletions(table.columns, quote).map((option) => ({
        ...option,
        detail: `${table.name} · ${option.detail}`,
        boost: 1,
      })),
    );
    return { from, options, validFor: /^[\w$]*$/ };
  };
}
