import type { CompletionSource } from "@codemirror/autocomplete";
import type { Items, Parameter, SchemaTable } from "@/lib/api/model";
import type { SqlTables } from "@/ui/code-editor/languages";

/** Offers the declared parameters inside of `{{ … }}`. */
export function completeParameters(parameters: readonly Parameter[]): CompletionSource {
  return (context) => {
    const open = context.matchBefore(/\{\{[^{}]*/);
    if (!open) return null;
    const word = context.matchBefore(/[\w.]*/);
    const closed = context.state.sliceDoc(context.pos, context.pos + 20).trimStart().startsWith("}}");
    const end = closed ? "" : " }}";
    return {
      from: word?.from ?? context.pos,
      options: parameters.flatMap(({ name, type, allowed = [] }) => [
        { label: `params.${name}`, detail: type, apply: `params.${name}${end}`, type: "variable" },
        ...(allowed.length ? [{ label: `ident(params.${name})`, detail: "as a name", apply: `ident(params.${name})${end}`, type: "function" }] : []),
      ]),
      validFor: /^[\w.]*$/,
    };
  };
}

const DEFAULT_SCHEMAS = ["public", "main", ""];

/** Tables and columns for the SQL editor's completion. */
export function sqlTables(type: string, schema: Items<SchemaTable> | undefined): SqlTables {
  const columns = (schema?.items ?? []).map((table) => {
    const name = DEFAULT_SCHEMAS.includes(table.schema ?? "") ? table.name : `${table.schema}.${table.name}`;
    return [name, table.columns.map((column) => column.name)] as const;
  });
  return { ...(type === "sqlite" || type === "postgresql" ? { dialect: type } : {}), columns: Object.fromEntries(columns) };
}
