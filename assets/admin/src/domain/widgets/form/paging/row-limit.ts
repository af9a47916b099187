// How many rows a query returns that pages itself, in widgets without pages.
import type { DataQueryDraft, JsonObject } from "@/lib/api/model";
import { asNumber } from "@/lib/format/figures";
import { serverTableOf } from "@/lib/rows/table-ask";

/** What of a query says how many rows it returns. */
export type LimitedQuery = Pick<DataQueryDraft, "options" | "parameters" | "maxRows">;

/** The most rows of a query that sets no limit. */
const USUAL_MOST = 10_000;

const LIMIT = /\blimit\s+\{\{\s*params\.(\w+)\s*\}\}/i;

/** Returns the most rows that the server loads for a query. */
export const mostRows = (query: Pick<DataQueryDraft, "maxRows"> | undefined): number =>
  query?.maxRows ?? USUAL_MOST;

/** Returns the value of the limit that reads all rows: one more than are loaded, so that cut off rows are noticed. */
const wholeLimit = (query: Pick<DataQueryDraft, "maxRows"> | undefined): number => mostRows(query) + 1;

/** Returns the parameter that limits the rows of a query; null if it has none. */
function limitParameter({ options, parameters }: LimitedQuery): string | null {
  const sql = options["sql"];
  const name = typeof sql === "string" ? LIMIT.exec(sql)?.[1] : undefined;
  return parameters.some((parameter) => parameter.name === name) ? (name ?? null) : null;
}

/** How many rows a widget loads of a query with a parameter for the limit. */
export interface RowLimit {
  parameter: string;
  rows: number;
  /** Whether these are all rows that can be loaded. */
  isWhole: boolean;
}

/** Returns how many rows the mapped parameters load; null if nothing limits them, or only a filter says it. */
export function rowLimit(query: LimitedQuery | undefined, mapped: JsonObject): RowLimit | null {
  const parameter = query ? limitParameter(query) : null;
  if (!query || parameter === null) return null;
  const standard = query.parameters.find(({ name }) => name === parameter)?.default;
  const rows = asNumber(mapped[parameter] ?? standard);
  const most = mostRows(query);
  return rows === null ? null : { parameter, rows: Math.min(rows, most), isWhole: rows >= most };
}

/** Returns the parameters that read all rows instead of the first page. */
export const readWhole = (
  mapped: JsonObject,
  parameter: string,
  query: Pick<DataQueryDraft, "maxRows"> | undefined,
): JsonObject => ({ ...mapped, [parameter]: wholeLimit(query) });

/** Returns the parameters for a widget without pages that replaces a table: the table set the limit itself. */
export function withoutPages(
  config: JsonObject,
  mapped: JsonObject,
  query: Pick<DataQueryDraft, "maxRows"> | undefined,
): JsonObject {
  const parameter = serverTableOf(config)?.limit ?? null;
  return parameter === null || parameter in mapped ? mapped : readWhole(mapped, parameter, query);
}
