import type { Column, JsonObject, WidgetKind } from "@/lib/api/model";
import { isNumeric, type Row } from "@/lib/cells";

/** A first guess at what to draw: names on the axis, numbers as the figures. */
export function suggestConfig(type: WidgetKind, columns: readonly Column[], rows: readonly Row[]): JsonObject {
  const numbers = columns.filter((column) => isNumeric(column, rows)).map(({ name }) => name);
  const names = columns.filter(({ name }) => !numbers.includes(name)).map(({ name }) => name);
  // An id is a number that says nothing when it is drawn.
  const figures = numbers.filter((name) => !/^id$|_id$|ID$/.test(name));
  // Without a row nothing says which columns hold numbers: then the second one is taken for it.
  const drawn = figures.length ? figures : numbers.length ? numbers : rows.length ? [] : names.slice(1, 2);
  const figure = drawn[0];
  const name = names[0] ?? columns.find((column) => column.name !== figure)?.name;
  switch (type) {
    case "number":
      return figure ? { field: figure } : {};
    case "bar":
    case "line":
      return { ...(name ? { x: name } : {}), series: drawn.filter((field) => field !== name).slice(0, 3).map((field) => ({ field })) };
    case "pie":
      return { ...(name ? { label: name } : {}), ...(figure ? { value: figure } : {}) };
    case "table":
    case "text":
      return {};
  }
}
