import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, screen, waitFor } from "@testing-library/react";
import { useMemo, useState } from "react";
import { MemoryRouter } from "react-router";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { render } from "@/lib/render.setup";
import { WidgetHostProvider } from "../../host";
import { WidgetView } from "../../widget-view";

interface Option {
  series: { data: unknown[] }[];
}

const charts = vi.hoisted(() => ({
  option: null as unknown,
  click: null as ((params: object) => void) | null,
  warned: [] as string[],
}));

// The test environment has no canvas: the chart only keeps what it draws and who listens.
vi.mock("echarts/core", async (original) => ({
  ...(await original<object>()),
  init: () => ({
    setOption: (option: object) => {
      charts.option = { ...(charts.option as object), ...option };
    },
    on: (event: string, listener: (params: object) => void) => {
      if (event === "click") charts.click = listener;
    },
    off: () => undefined,
    getZr: () => ({ on: () => undefined, off: () => undefined }),
    getOption: () => charts.option,
    resize: () => undefined,
    dispose: () => undefined,
    isDisposed: () => false,
  }),
}));
vi.mock("@/ui/feedback/notify", async (original) => ({
  ...(await original<object>()),
  notify: {
    warn: (text: string) => charts.warned.push(text),
    success: () => undefined,
    error: () => undefined,
  },
}));
vi.mock("@/lib/tenant", async (original) => ({
  ...(await original<object>()),
  useTenantID: () => "t",
  useTenantLink: () => () => "/t",
}));
vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: undefined }),
  useMembership: () => undefined,
}));

const rows = [
  { id: 7, day: "2026-01-01", city: "Bonn", n: 5, lat: 50.7, lon: 7.1 },
  { id: 8, day: "2026-01-02", city: "Kiel", n: 3, lat: 54.3, lon: 10.1 },
];
const client = new QueryClient();
let opened: unknown[];
let variables: JsonObject;

function Page({ type, config, data = rows }: { type: string; config: JsonObject; data?: object[] }) {
  const [values, setValues] = useState<JsonObject>({ city: null });
  const host = useMemo(
    () => ({
      variables: values,
      setVariables: (next: JsonObject) => setValues((old) => ({ ...old, ...next })),
      refresh: () => undefined,
      readPage: null,
      choices: null,
      change: null,
      act: null,
      building: false,
      open: (...what: unknown[]) => opened.push(what),
    }),
    [values],
  );
  variables = values;
  const result = { data, columns: [], rowCount: data.length, truncated: false, durationMs: 1 };
  return (
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <WidgetHostProvider value={host as never}>
          <WidgetView type={type} config={config} result={result as unknown as WidgetData} label="C" id="c" />
        </WidgetHostProvider>
      </MemoryRouter>
    </QueryClientProvider>
  );
}

// Charts are loaded when they are first shown.
beforeAll(async () => {
  await Promise.all([
    import("../bar"),
    import("../line"),
    import("../area"),
    import("../pie"),
    import("../scatter"),
    import("../heatmap"),
    import("../funnel"),
    import("../map"),
  ]);
}, 120_000);

beforeEach(() => {
  Object.assign(charts, { option: null, click: null, warned: [] });
  opened = [];
});

/** Clicks the mark of a series, as ECharts reports it. */
async function clickMark(dataIndex: number, seriesIndex = 0) {
  await waitFor(() => expect(charts.click).not.toBeNull(), { timeout: 8000 });
  const data = (charts.option as Option).series[seriesIndex]?.data[dataIndex];
  await act(async () => charts.click?.({ dataIndex, seriesIndex, data }));
}

const opens = {
  widget: { type: "widget", widgetID: "w" },
  dashboard: { type: "dashboard", dashboardID: "d", variables: { city: "{{ row.city }}" } },
};
const kinds: [string, JsonObject][] = [
  ["bar", { x: "city", series: [{ field: "n" }] }],
  ["line", { x: "day", series: [{ field: "n" }] }],
  ["area", { x: "day", series: [{ field: "n" }] }],
  ["pie", { label: "city", value: "n", order: "rows" }],
  ["scatter", { x: "n", y: "lat" }],
  ["heatmap", { x: "city", y: "day", value: "n" }],
  ["funnel", { label: "city", value: "n" }],
  ["map", { latitude: "lat", longitude: "lon" }],
];

it.each(kinds)(
  "a mark of a %s chart opens a details widget and a dashboard for its row",
  async (type, own) => {
    const page = render(<Page type={type} config={{ queryID: "q", ...own, opens: opens.widget }} />);
    await clickMark(1);
    page.rerender(<Page type={type} config={{ queryID: "q", ...own, opens: opens.dashboard }} />);
    await clickMark(0);
    expect(opened).toEqual([
      [opens.widget, { row: rows[1], vars: { city: null } }],
      [opens.dashboard, { row: rows[0], vars: { city: null } }],
    ]);
  },
);

it("a mark sets variables and opens a drawer with their values; a second click opens it again", async () => {
  const selects = [{ variable: "city", field: "city" }];
  render(<Page type="bar" config={{ queryID: "q", ...kinds[0]?.[1], selects, opens: opens.widget }} />);
  await clickMark(1);
  await clickMark(1);
  expect(variables["city"]).toBe("Kiel");
  expect(opened).toEqual([
    [opens.widget, { row: rows[1], vars: { city: "Kiel" } }],
    [opens.widget, { row: rows[1], vars: { city: "Kiel" } }],
  ]);
});

it("a mark of several rows opens what its common values lead to, and says that there is no row to open", async () => {
  const data = [...rows, { ...rows[1], id: 9 }];
  const config = { queryID: "q", ...kinds[0]?.[1] };
  const page = render(<Page type="bar" config={{ ...config, opens: opens.dashboard }} data={data} />);
  await clickMark(1);
  expect(opened).toMatchObject([[opens.dashboard, { row: { city: "Kiel", n: 6 } }]]);
  page.rerender(<Page type="bar" config={{ ...config, opens: opens.widget }} data={data} />);
  await clickMark(1);
  expect(opened).toHaveLength(1);
  expect(charts.warned).toEqual([expect.stringContaining("there is no row to open")]);
});

it("the rest of a pie stands for the rows that it combines", async () => {
  const data = Array.from({ length: 12 }, (_, n) => ({ id: n, city: `c${n}`, country: "DE", n }));
  render(
    <Page type="pie" config={{ queryID: "q", label: "city", value: "n", opens: opens.widget }} data={data} />,
  );
  await clickMark(7);
  expect([opened, charts.warned.length]).toEqual([[], 1]);
});

it("the table behind a chart selects its marks with the keyboard", async () => {
  render(<Page type="scatter" config={{ queryID: "q", ...kinds[4]?.[1], opens: opens.widget }} />);
  const buttons = await screen.findAllByRole("button", { name: /^Select/ }, { timeout: 8000 });
  await act(async () => buttons[1]?.click());
  expect(opened).toEqual([[opens.widget, { row: rows[1], vars: { city: null } }]]);
});
