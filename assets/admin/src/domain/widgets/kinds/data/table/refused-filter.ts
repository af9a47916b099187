import { isApiError, messageOf } from "@/lib/api/errors";
import { fieldIn } from "@/lib/api/texts/error-texts";
import type { ServerFilter, TableAsk } from "@/lib/rows/table-ask";
import type { TableColumn } from "./table-columns";

/** Why the server returned no rows, and the filter that caused it, if it names one. */
export interface RefusedFilter {
  filter: Pick<ServerFilter, "field" | "operator"> | undefined;
  message: string;
}

/** Returns which of the filters that were asked for an error is about: the server names its place or its parameter. */
export function refusedFilter(
  error: unknown,
  asked: TableAsk["filters"],
  known: readonly ServerFilter[],
): RefusedFilter | null {
  if (!error) return null;
  const named = isApiError(error, "INVALID_REQUEST") ? fieldIn(error.message) : null;
  const place = /^filters\[(\d+)\]/.exec(named?.path ?? "")?.[1];
  const parameter = /^parameters\.([^.[]+)/.exec(named?.path ?? "")?.[1];
  const filter =
    place === undefined ? known.find((one) => one.parameter === parameter) : asked[Number(place)];
  return { filter, message: filter && named ? named.problem : messageOf(error) };
}

/** Returns the error with the label of the column that its filter is for, which the server does not know. */
export function namedError(
  error: unknown,
  refused: RefusedFilter | null,
  columns: readonly Pick<TableColumn, "field" | "label">[],
): unknown {
  const field = refused?.filter?.field;
  if (!refused || field === undefined) return error;
  const label = columns.find((one) => one.field === field)?.label ?? field;
  return new Error(`${label}: ${refused.message}`);
}
