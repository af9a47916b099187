import { expect, it } from "vitest";
import { missingColumns } from "./columns-used";
import { widgetKinds } from "./";

const columns = ["shop", "revenue"].map((name) => ({ name, type: "text" }));

/** For each type with columns, a config in which every column is `gone`. */
const configs: Record<string, object> = {
  table: { columns: [{ field: "gone" }] },
  grid: { columns: [{ field: "gone" }] },
  number: { field: "gone" },
  list: { title: "gone" },
  keyValue: { fields: [{ field: "gone" }] },
  timeline: { time: "shop", title: "gone" },
  json: { field: "gone" },
  image: { field: "gone" },
  bar: { x: "shop", series: [{ field: "gone" }] },
  line: { x: "gone", series: [{ field: "revenue" }] },
  area: { x: "shop", split: "gone", series: [{ field: "revenue" }] },
  pie: { label: "gone", value: "revenue" },
  funnel: { label: "shop", value: "gone" },
  scatter: { x: "shop", y: "gone" },
  heatmap: { x: "shop", y: "gone", value: "revenue" },
  map: { latitude: "gone", longitude: "shop" },
  gauge: { field: "gone" },
  selectInput: { valueField: "gone" },
  text: { markdown: 'Hello {{ row.gone }} {{ row["shop"] }}' },
  html: { markup: "<b>{{ row.gone.name }}</b>" },
};

it("reports missing columns for every type of widget", () => {
  for (const [kind, config] of Object.entries(configs)) {
    const { needed, wanted } = missingColumns(kind, { ...config }, columns);
    expect([...needed, ...wanted], kind).toEqual(["gone"]);
    expect(missingColumns(kind, { ...config }, [...columns, { name: "gone", type: "text" }]), kind).toEqual({
      needed: [],
      wanted: [],
    });
  }
});

it("knows every type with columns", () => {
  const without = ["button", "form", "workflowRuns", "textInput", "numberInput", "dateInput", "dateRange"];
  expect(
    Object.keys(widgetKinds)
      .filter((kind) => !(kind in configs))
      .sort(),
  ).toEqual(without.sort());
});

it("reports nothing while the data is unknown, and finds columns in conditions and options", () => {
  expect(missingColumns("bar", { x: "gone", series: [] }, [])).toEqual({ needed: [], wanted: [] });
  const config = {
    rules: [{ when: { field: "a" } }],
    rowActions: [{ when: { field: "b" } }],
    selects: [{ variable: "v", field: "c" }],
  };
  expect(missingColumns("table", config, columns)).toEqual({ needed: [], wanted: ["a", "b", "c"] });
});
