import { expect, test, vi } from "vitest";
import { failed, find, findButton, press, reads, serve, show, until, type Sent } from "@/ui/testing";
import { DashboardBuilder } from "./edit";
import { base, emptyDashboard, list, plans, widgetTypes } from "./edit.setup";

// The test browser has no canvas.
vi.mock("@/domain/widgets/kinds/charts/bar", () => ({ BarWidget: () => null }));
// It has no fonts to wait for.
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });

const query = {
  ...base,
  id: "q1",
  name: "Orders",
  version: 4,
  datasourceID: "s1",
  options: { sql: "select 1" },
  parameters: [{ name: "days", type: "number", required: false, default: 7, description: "", allowed: [] }],
  transformer: null,
  cacheSeconds: 0,
  timeoutMs: 1000,
  maxRows: 100,
  runOnLoad: false,
  dashboardID: null,
};

function world(save: (sent: Sent) => unknown) {
  return serve(
    {
      "GET /api/v1/widget-types": () => ({ items: widgetTypes }),
      "GET data-queries": ({ path }) => (path.includes("dashboardID=none") ? list(query) : list()),
      "GET data-queries/q1": () => query,
      "GET widgets": () => list(),
      "GET datasources": () => list(),
      "POST data-queries/q1/execute": () => plans,
      "GET dashboards/d1": () => emptyDashboard,
      "PUT dashboards/d1/contents": save,
    },
    [
      ...["list", "read", "create", "update", "delete", "execute"].map((verb) => `dataquery:${verb}`),
      ...["list", "read", "create", "update", "delete"].map((verb) => `widget:${verb}`),
      ...["list", "read", "create", "update"].map((verb) => `dashboard:${verb}`),
    ],
  );
}

const answered = ({ body }: Sent) => {
  const { dashboard: board, widgets } = body as { dashboard: object; widgets: object[] };
  const shown = widgets.map((widget) => ({ ...base, ...widget, version: 1 }));
  return {
    dashboard: { ...emptyDashboard, ...board, version: 3, widgets: shown },
    widgets: shown,
    queries: [],
  };
};

async function addBars() {
  await press("Add the first widget");
  (await find("button", "Orders")).click();
  // Two plans with a number each are bars, without being asked for.
  await until(async () => expect((await find("button", "bar")).getAttribute("aria-pressed")).toBe("true"));
}

test("a widget of a saved query is added with the kind that suits its data, and saved with the dashboard", async () => {
  const sent = world(answered);
  show(<DashboardBuilder dashboard={emptyDashboard} />);
  await addBars();
  await press("Add to dashboard");
  await press("Save");
  const put = await until(() => {
    const found = sent.find(({ method }) => method === "PUT");
    if (!found) throw new Error("nothing was saved");
    return found;
  });
  const { dashboard: board, widgets } = put.body as {
    dashboard: { version: number; items: { widgetID: string }[] };
    widgets: { id: string; type: string; dashboardID: string; config: object; version?: number }[];
  };
  expect(board.version).toBe(2);
  expect(widgets).toHaveLength(1);
  expect(widgets[0]).toMatchObject({ type: "bar", dashboardID: "d1", config: { queryID: "q1" } });
  expect(widgets[0]?.version).toBeUndefined();
  expect(board.items[0]?.widgetID).toBe(widgets[0]?.id);
  await until(async () => expect((await findButton("Save")).disabled).toBe(true));
});

test("undo takes an added widget off, and then there is nothing to save", async () => {
  const sent = world(answered);
  show(<DashboardBuilder dashboard={emptyDashboard} />);
  await addBars();
  await press("Add to dashboard");
  await until(async () => expect((await findButton("Save")).disabled).toBe(false));
  await press("Undo");
  await reads("This dashboard is empty");
  await until(async () => expect((await findButton("Save")).disabled).toBe(true));
  await press("Redo");
  await until(async () => expect((await findButton("Save")).disabled).toBe(false));
  expect(sent.some(({ method }) => method === "PUT")).toBe(false);
});

test("a problem of a widget is told with its title and the field", async () => {
  const body = {
    error: {
      code: "INVALID_REQUEST",
      message: "widgets[0].config.action.values.order: is required",
      details: [{ path: "widgets[0].config.action.values.order", message: "is required" }],
    },
  };
  world(() => new Response(JSON.stringify(body), { status: 400 }));
  show(<DashboardBuilder dashboard={emptyDashboard} />);
  await addBars();
  await press("Add to dashboard");
  await press("Save");
  await reads("Orders, order: This field is required.");
  expect(document.body.textContent).not.toContain("widgets[0]");
});

test("nothing is lost if the save fails", async () => {
  world(() => failed(503, "UNAVAILABLE", "the server is stopping"));
  show(<DashboardBuilder dashboard={emptyDashboard} />);
  await addBars();
  await press("Add to dashboard");
  await press("Save");
  await reads("Could not save the changes");
  expect((await findButton("Save")).disabled).toBe(false);
});
