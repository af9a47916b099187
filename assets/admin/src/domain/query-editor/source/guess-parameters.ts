import type { Parameter, ParameterType, SchemaTable } from "@/lib/api/model";
import { kindOf } from "@/lib/rows/cells";
import { newParameter } from "../draft";
import { mentionedTables } from "./completion";

type Column = SchemaTable["columns"][number];

/** A parameter that is compared with a column or assigned to it. */
const BESIDE =
  /([\w."`[\]]+)\s*(?:=|<>|!=|<=|>=|<|>|\bi?like\b|\bin\b)\s*\(?\s*\{\{[^}]*?\bparams\.([A-Za-z_]\w*)/gi;
const INSERT = /\binto\s+[\w."`[\]]+\s*\(([^()]*)\)\s*values\s*\(([^()]*)\)/gi;
const PARAMETER = /\bparams\.([A-Za-z_]\w*)/;

const bare = (name: string) =>
  name
    .replace(/["`[\]]/g, "")
    .split(".")
    .at(-1)
    ?.trim()
    .toLowerCase() ?? "";

/** Returns for each parameter of an SQL text the name of the column that it belongs to. */
function columnsOf(sql: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, columns = "", values = ""] of sql.matchAll(INSERT)) {
    const names = columns.split(",");
    values.split(",").forEach((value, index) => {
      const parameter = PARAMETER.exec(value)?.[1];
      if (parameter) found.set(parameter, bare(names[index] ?? ""));
    });
  }
  for (const [, column = "", parameter = ""] of sql.matchAll(BESIDE)) found.set(parameter, bare(column));
  return found;
}

function typeOf(column: Column): ParameterType {
  if (/^bool/i.test(column.type)) return "boolean";
  if (/^jsonb?$/i.test(column.type)) return "object";
  const kind = kindOf({ name: column.name, type: column.type }, []);
  return kind === "number" ? "number" : kind === "moment" ? "date" : "string";
}

/**
 * Returns declarations for parameters that an SQL text uses, with the types of the columns that they are compared with,
 * assigned to, or named like. In a query that changes data they are required, unless the column can be left empty.
 */
export function guessParameters(
  names: readonly string[],
  sql: string,
  tables: readonly SchemaTable[],
  isWriting: boolean,
): Parameter[] {
  const columns = mentionedTables(sql, tables).flatMap((table) => table.columns);
  const beside = columnsOf(sql);
  return names.map((name) => {
    const wanted = beside.get(name) ?? name.toLowerCase();
    const column = columns.find((candidate) => candidate.name.toLowerCase() === wanted);
    return {
      ...newParameter(name),
      type: column ? typeOf(column) : "string",
      required: isWriting && column?.nullable !== true,
    };
  });
}
