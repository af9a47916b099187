import { describe, expect, it } from "vitest";
import type { DatasourceType, WidgetType } from "@/lib/api/model";
import { compareContents, type Labels } from "./compare";
import { contentOf, restoringPatch, type Content, type HistoryKind } from "./content";
import { changeSentences } from "./sentences";

const sql = {
  type: "sql",
  name: "SQL",
  optionsSchema: {
    type: "object",
    properties: {
      host: { type: "string", title: "Host" },
      tls: {
        title: "TLS",
        oneOf: [
          { const: "off", title: "Never" },
          { const: "on", title: "Always" },
        ],
      },
      headers: { type: "object", title: "Headers", additionalProperties: { type: "string" } },
    },
  },
  queryOptionsSchema: { type: "object", properties: { sql: { type: "string", format: "sql" } } },
} as unknown as DatasourceType;
const table = {
  type: "table",
  name: "Table",
  configSchema: {
    type: "object",
    properties: {
      title: { type: "string", title: "Title" },
      pageSize: { type: "integer", title: "Rows per page", default: 10 },
      columns: {
        type: "array",
        title: "Columns",
        items: {
          type: "object",
          properties: { field: { type: "string" }, align: { type: "string", title: "Align" } },
        },
      },
    },
  },
} as unknown as WidgetType;
const labels: Labels = {
  datasourceTypes: [sql],
  datasourceType: "sql",
  widgetTypes: [table],
  names: new Map([["w1", "Revenue"]]),
};

const told = (kind: HistoryKind, before: object, after: object) =>
  compareContents(kind, contentOf(kind, before), contentOf(kind, after), labels).groups.flatMap(
    ({ title, differences }) =>
      differences.map(({ of, field, before, after, note }) =>
        [title, of, field, ...(note ? [note] : [before, after])].join("|"),
      ),
  );
const said = (kind: HistoryKind, before: object, after: object) =>
  changeSentences(kind, contentOf(kind, before), contentOf(kind, after), labels);

describe("a query", () => {
  const parameter = (name: string, change = {}) => ({ name, type: "string", required: false, ...change });
  const before = {
    name: "Orders",
    datasourceID: "d1",
    options: { sql: "select 1\nfrom t" },
    parameters: [parameter("from"), parameter("to")],
    maxRows: 100,
  };
  const after = {
    ...before,
    name: "All orders",
    options: { sql: "select 2\nfrom t" },
    parameters: [parameter("to", { required: true }), parameter("a"), parameter("b")],
    maxRows: 20_000,
    timeoutMs: 5000,
  };

  it("is compared by SQL, parameters and settings", () => {
    expect(told("dataquery", before, after)).toEqual([
      "Request||SQL|select 1\nfrom t|select 2\nfrom t",
      "Parameters|to|Required|no|yes",
      "Parameters|a|||Text",
      "Parameters|b|||Text",
      "Parameters|from||Text|",
      "Query||Name|Orders|All orders",
      "Query||Timeout||5,000 ms",
      "Query||Row limit|100|20,000",
    ]);
  });

  it("is summarized in sentences, at most four", () => {
    expect(said("dataquery", before, after)).toEqual([
      "SQL changed",
      "2 parameters added",
      "1 parameter removed",
      "4 more changes",
    ]);
    expect(said("dataquery", before, { ...before, name: "All orders", datasourceID: "d2" })).toEqual([
      "Name changed from “Orders” to “All orders”",
      "Datasource changed",
    ]);
  });
});

describe("a datasource", () => {
  const before = {
    name: "Shop",
    type: "sql",
    options: { host: "a", tls: "off", headers: { "X-Team": "1" } },
    tags: [],
  };

  it("is compared under the labels of its form", () => {
    const options = { host: "b", tls: "on", headers: { "X-Team": "2" } };
    expect(told("datasource", before, { ...before, options, tags: ["prod", "eu"] })).toEqual([
      "Datasource||Tags||prod, eu",
      "Connection||Host|a|b",
      "Connection||TLS|Never|Always",
      "Connection|Headers|X-Team|1|2",
    ]);
  });

  it("may differ only in secrets, which are never shown", () => {
    expect(said("datasource", before, { ...before })).toEqual(["Secrets changed"]);
  });
});

describe("a widget", () => {
  const before = {
    name: "Sales",
    type: "table",
    config: { title: "A", columns: [{ field: "id" }, { field: "sum" }] },
  };

  it("is compared by its settings; a default that was not saved is no difference", () => {
    const config = { title: "B", pageSize: 10, columns: [{ field: "id", align: "right" }, { field: "day" }] };
    expect(told("widget", before, { ...before, config })).toEqual([
      "Settings||Title|A|B",
      "Settings|Columns › id|Align||right",
      'Settings|Columns › day|||{\n  "field": "day"\n}',
      'Settings|Columns › sum||{\n  "field": "sum"\n}|',
    ]);
    expect(said("widget", before, { ...before, config: { ...before.config, title: "B" } })).toEqual([
      "Title changed from “A” to “B”",
    ]);
  });

  it("has a difference if only the order of its columns changed", () => {
    const columns = [{ field: "sum" }, { field: "id" }];
    expect(told("widget", before, { ...before, config: { ...before.config, columns } })).toEqual([
      "Settings|Columns|Order|id, sum|sum, id",
    ]);
  });
});

it("compares a dashboard by widgets, variables and layout", () => {
  const cell = { i: "a", x: 0, y: 0, w: 4, h: 2 };
  const before = {
    name: "Board",
    items: [{ key: "a", widgetID: "w1" }],
    layouts: { lg: [cell] },
    variables: [{ name: "days", type: "number", default: 7 }],
    tabs: [],
    refreshSeconds: 0,
  };
  const after = {
    ...before,
    items: [
      { key: "a", widgetID: "w1", title: "Money" },
      { key: "b", widgetID: "w1" },
    ],
    layouts: {
      lg: [
        { ...cell, w: 6 },
        { ...cell, i: "b", y: 2 },
      ],
    },
    variables: [{ name: "days", type: "number", default: 30 }],
    refreshSeconds: 60,
  };
  expect(told("dashboard", before, after)).toEqual([
    "Dashboard||Auto-refresh|0 s|60 s",
    "Widgets|Money|Title||Money",
    "Widgets|Revenue|||w1",
    "Filters|Days|Default|7|30",
    "Layout||Desktop|1 item moved or resized",
  ]);
  expect(said("dashboard", before, after)).toEqual([
    "Auto-refresh changed from “0 s” to “60 s”",
    "1 widget added",
    "Widget “Money” changed",
    "2 more changes",
  ]);
});

it("names the type and the default of a filter as the editor does", () => {
  const board = (variable: object) => ({ name: "Board", variables: [{ name: "period", ...variable }] });
  const week = { type: "dateRange", label: "Period", default: "last-7-days" };
  expect(told("dashboard", board({ type: "text" }), board(week))).toEqual([
    "Filters|Period|Label||Period",
    "Filters|Period|Type|Text|Date range",
    "Filters|Period|Default||Last 7 days",
  ]);
  expect(told("dashboard", { name: "Board", variables: [] }, board(week))).toEqual([
    "Filters|Period|||Date range",
  ]);
});

it("compares a role by permissions, and a variable by its value", () => {
  expect(said("role", { permissions: ["a:read", "b:read"] }, { permissions: ["b:read", "c:read"] })).toEqual([
    "1 permission added",
    "1 permission removed",
  ]);
  expect(told("variable", { name: "url", value: "a" }, { name: "url", value: { x: 1 } })).toEqual([
    'Variable||Value|a|{\n  "x": 1\n}',
  ]);
  expect(said("variable", { name: "key", secret: true }, { name: "key", secret: true })).toEqual([
    "Secret value changed",
  ]);
});

describe("restoring", () => {
  const content = (change: object): Content => ({ name: "n", description: "", ...change });

  it("sends only what differs, and clears what the old version did not have", () => {
    const now = content({ options: { sql: "b", extra: 1 }, transformer: "x" });
    expect(restoringPatch("dataquery", now, content({ options: { sql: "a" } }))).toEqual({
      options: { sql: "a", extra: null },
      transformer: null,
    });
  });

  it("does not enable or disable a workflow", () => {
    expect(
      restoringPatch("workflow", content({ enabled: true }), content({ enabled: false, name: "o" })),
    ).toEqual({
      name: "o",
    });
  });

  it("replaces the value of a variable as a whole, unless it is secret", () => {
    const now = content({ value: { a: 1, b: 2 }, secret: false });
    expect(restoringPatch("variable", now, content({ value: { a: 1 }, secret: false }))).toEqual({
      value: { a: 1 },
    });
    const secret = content({ secret: true });
    expect(restoringPatch("variable", secret, content({ secret: true, description: "d" }))).toEqual({
      description: "d",
    });
  });
});
