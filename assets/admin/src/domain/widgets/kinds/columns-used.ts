import type { Column, JsonObject, WidgetKind } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { rowNamesIn } from "@/lib/templates/placeholders";
import { marksOf, objectsOf, textOf } from "./config";
import { destinationOf } from "./destination";

/** The settings of each type that name a column without which it cannot render. */
const settings: Partial<Record<WidgetKind, readonly string[]>> = {
  number: ["field", "compareField", "trendField"],
  gauge: ["field", "maxField"],
  list: ["title", "subtitle", "detail", "link"],
  timeline: ["time", "title", "text", "tag"],
  json: ["field"],
  image: ["field"],
  bar: ["x", "split"],
  line: ["x", "split"],
  area: ["x", "split"],
  pie: ["label", "value"],
  funnel: ["label", "value"],
  scatter: ["x", "y", "size", "group", "label"],
  heatmap: ["x", "y", "value"],
  map: ["latitude", "longitude", "size", "label"],
  selectInput: ["valueField", "labelField"],
};

interface Used {
  needed: string[];
  /** Optional columns. */
  wanted: string[];
}

/** Whether a condition compares a column. */
const isOnRow = ({ from }: JsonObject) => from === undefined || from === "row";

function usedBy(type: string, config: JsonObject): Used {
  const named = (settings[type as WidgetKind] ?? []).map((name) => textOf(config, name));
  const series = marksOf(config, "series").map(({ field }) => field);
  const conditions = [...objectsOf(config, "rules"), ...objectsOf(config, "rowActions")].flatMap(
    ({ when, disabledWhen }) => [when, disabledWhen].flat().filter(isObject).filter(isOnRow),
  );
  const listed = [...marksOf(config, "columns"), ...marksOf(config, "fields")].map(({ field }) => field);
  const to = destinationOf(config["opens"]);
  const opened = to?.type === "url" ? [to.url] : to?.type === "dashboard" ? Object.values(to.variables) : [];
  const written = [config["markdown"], config["markup"], ...opened].flatMap(rowNamesIn);
  const chosen = objectsOf(config, "selects").map((one) => textOf(one, "field"));
  return {
    needed: [...named, ...series].filter(Boolean),
    wanted: [...listed, ...conditions.map((one) => textOf(one, "field")), ...written, ...chosen].filter(
      Boolean,
    ),
  };
}

/**
 * Returns the configured columns that are missing in the data: required ones, and others. None while the data is
 * unknown.
 */
export function missingColumns(type: string, config: JsonObject, columns: readonly Column[]): Used {
  if (columns.length === 0) return { needed: [], wanted: [] };
  const known = new Set(columns.map(({ name }) => name));
  const gone = (names: readonly string[]) => [...new Set(names)].filter((name) => !known.has(name));
  const { needed, wanted } = usedBy(type, config);
  return { needed: gone(needed), wanted: gone(wanted) };
}
