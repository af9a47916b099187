import type { Column, JsonObject, WidgetKind } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { rowNamesIn } from "@/lib/templates/placeholders";
import { marksOf, objectsOf, textOf } from "./config";

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

function usedBy(type: string, config: JsonObject): Used {
  const named = (settings[type as WidgetKind] ?? []).map((name) => textOf(config, name));
  const series = marksOf(config, "series").map(({ field }) => field);
  const conditions = [...objectsOf(config, "rules"), ...objectsOf(config, "rowActions")].map(({ when }) =>
    isObject(when) ? textOf(when, "field") : "",
  );
  const listed = [...marksOf(config, "columns"), ...marksOf(config, "fields")].map(({ field }) => field);
  const written = [...rowNamesIn(config["markdown"]), ...rowNamesIn(config["markup"])];
  const chosen = objectsOf(config, "selects").map((one) => textOf(one, "field"));
  return {
    needed: [...named, ...series].filter(Boolean),
    wanted: [...listed, ...conditions, ...written, ...chosen].filter(Boolean),
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
