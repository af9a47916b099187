import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { operators, type Condition, type Operator } from "./conditions";

/** Which rows of a table the server is to return. */
export interface TableAsk {
  page: number;
  search: string;
  sort: string | null;
  direction: "asc" | "desc" | null;
  filters: { field: string; operator: Operator; value: string }[];
}

/** A condition that readers can set. */
export interface ServerFilter {
  field: string;
  operator: Operator;
  parameter: string;
  options: string[];
}

/** The parameters of a table's query that receive what readers search, sort and filter by. */
interface ServerTable {
  search: string | null;
  /** The columns that the search looks into; empty if unknown. */
  searched: string[];
  sort: string | null;
  direction: string | null;
  limit: string | null;
  offset: string | null;
  sortable: string[];
  filters: ServerFilter[];
  countQueryID: string | null;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

function filterOf(value: unknown): ServerFilter[] {
  if (!isObject(value)) return [];
  const operator = operators.find((one) => one.value === value["operator"]);
  const { field, parameter } = value;
  return operator && typeof field === "string" && typeof parameter === "string"
    ? [{ field, operator: operator.value, parameter, options: texts(value["options"]) }]
    : [];
}

/** Returns the settings of a table that the server searches and sorts; null for other tables. */
export function serverTableOf(config: JsonObject): ServerTable | null {
  const server = config["server"];
  if (config["serverPaging"] !== true || !isObject(server)) return null;
  const name = (field: string) => (typeof server[field] === "string" && server[field] ? server[field] : null);
  return {
    search: name("search"),
    searched: texts(server["searched"]),
    sort: name("sort"),
    direction: name("direction"),
    limit: name("limit"),
    offset: name("offset"),
    sortable: texts(server["sortable"]),
    filters: (Array.isArray(server["filters"]) ? server["filters"] : []).flatMap(filterOf),
    countQueryID: name("countQueryID"),
  };
}

/** Whether it asks for nothing but the first page. */
export const isFirstPage = ({ page, search, sort, direction, filters }: TableAsk): boolean =>
  page === 0 && search === "" && sort === null && direction === null && filters.length === 0;

/** Returns the filters that have a value. */
export const readyFilters = (filters: readonly Condition[]): TableAsk["filters"] =>
  filters
    .filter(({ value }) => value.trim() !== "")
    .map(({ field, operator, value }) => ({ field, operator, value: value.trim() }));

/** Returns the values of the query's parameters for a page, as the server fills them in. */
export function askedParameters(server: ServerTable, ask: TableAsk, size: number): JsonObject {
  const values: [string | null, unknown][] = [
    [server.search, ask.search || null],
    [server.sort, ask.sort],
    [server.direction, ask.direction],
    [server.limit, size],
    [server.offset, server.limit === null ? null : ask.page * size],
    ...ask.filters.map(({ field, operator, value }): [string | null, unknown] => [
      server.filters.find((one) => one.field === field && one.operator === operator)?.parameter ?? null,
      value,
    ]),
  ];
  return Object.fromEntries(
    values.filter((one): one is [string, unknown] => one[0] !== null && one[1] !== null),
  );
}

/** Returns the parameters without those of the page and the order, for the query that counts all rows. */
export function countParameters(
  { sort, direction, limit, offset }: ServerTable,
  parameters: JsonObject,
): JsonObject {
  const page = [sort, direction, limit, offset];
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !page.includes(name)));
}
