import { objectsOf, textOf } from "@/domain/widgets/kinds/config";
import type {
  DashboardVariable,
  DataQuery,
  JsonObject,
  Parameter,
  QueryColumn,
  Widget,
} from "@/lib/api/model";
import { endsIn, variableOf } from "@/lib/templates/templates";

/** The range that a new filter starts with: without one, required parameters would have no value. */
const RANGE = "last-30-days";

const typeOf: Partial<Record<Parameter["type"], DashboardVariable["type"]>> = {
  number: "number",
  date: "date",
};

/** Whether a widget uses one of the ends of a variable: then it is a range. */
const usesEnds = (name: string, widgets: readonly Pick<Widget, "config">[]): boolean =>
  widgets.some(({ config }) => endsIn(config).includes(name));

const columnTypes: Partial<Record<NonNullable<QueryColumn["type"]>, DashboardVariable["type"]>> = {
  number: "number",
  date: "date",
  datetime: "date",
};

type Described = Pick<DataQuery, "parameters"> & Partial<Pick<DataQuery, "columns">>;

/**
 * Returns what a query declares about the column of a variable: the column whose selected value sets it, or the column
 * of the same name.
 */
function columnFor(
  name: string,
  widgets: readonly Pick<Widget, "config">[],
  queries: ReadonlyMap<string, Described>,
): QueryColumn | undefined {
  const found = widgets.flatMap(({ config }) => {
    const query = queries.get(String(config["queryID"] ?? ""));
    const selected = objectsOf(config, "selects").find((one) => textOf(one, "variable") === name);
    const field = selected ? textOf(selected, "field") : name;
    return query?.columns?.find((column) => column.name === field) ?? [];
  });
  return found[0];
}

/**
 * Returns a new variable. Its type, options and label follow the query parameter that gets its value and the column
 * that its value comes from.
 */
export function variableFor(
  name: string,
  widgets: readonly Pick<Widget, "config">[],
  queries: ReadonlyMap<string, Described>,
): DashboardVariable {
  if (usesEnds(name, widgets)) return { name, type: "dateRange", default: RANGE, options: [] };
  const parameters = widgets.flatMap(({ config }) => {
    const given = config["parameters"] as JsonObject | undefined;
    const query = queries.get(String(config["queryID"] ?? ""));
    return (query?.parameters ?? []).filter((parameter) => variableOf(given?.[parameter.name]) === name);
  });
  const [parameter] = parameters;
  const allowed = (parameter?.allowed ?? []).filter((value): value is string => typeof value === "string");
  const column = columnFor(name, widgets, queries);
  const declared = column?.type && columnTypes[column.type];
  const type = allowed.length > 0 ? "select" : ((parameter ? typeOf[parameter.type] : declared) ?? "text");
  const label = column?.label ? { label: column.label } : {};
  return { name, type, ...label, default: parameter?.default ?? null, options: allowed };
}
