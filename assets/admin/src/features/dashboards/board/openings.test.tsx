import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import type { DashboardAsk, DashboardVariable, Widget } from "@/lib/api/model";
import { forgetForms } from "@/domain/widgets/kinds/actions/form/form-drafts";
import type { streamEvents } from "@/lib/http/sse";
import { render } from "@/lib/render.setup";
import { Board, useBoard, type Drawn } from "./board";
import { setterIn } from "./setters";
import { shownItems } from "./shown-items";
import { searchFor } from "./use-openings";

vi.mock("@mantine/hooks", async (original) => ({
  ...(await original<object>()),
  useElementSize: () => ({ ref: () => undefined, width: 1200, height: 800 }),
}));
let isAllowed = true;
vi.mock("@/lib/api/me", () => ({
  useCan: () => () => isAllowed,
  useMe: () => ({ data: { user: { id: "u", email: "ada@example.com", name: "Ada" } } }),
  useMembership: () => ({ role: { name: "Operator" } }),
}));

const people = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Bob" },
];
let asked: DashboardAsk[];
let release: (() => void)[];
let isHeld: boolean;

vi.mock("@/lib/http/sse", () => ({
  streamEvents: async (_: string, { body, onEvent }: Parameters<typeof streamEvents>[1]) => {
    asked.push(body as DashboardAsk);
    if (isHeld) await new Promise<void>((done) => release.push(done));
    const { id } = (body as DashboardAsk).variables as { id?: number };
    const rows: Record<string, unknown[] | null> = {
      list: people,
      form: people.filter((one) => one.id === Number(id)),
      details: people.filter((one) => one.id === Number(id)),
    };
    for (const [key, data] of Object.entries(rows)) {
      const result = { data, columns: [], rowCount: 1, truncated: false, durationMs: 1 };
      onEvent({ event: "item", data: JSON.stringify({ key, result }), id: "" } as never);
    }
  },
}));

const of = { queryID: "q", parameters: { id: "{{ vars.id }}" } };
const selects = [{ variable: "id", field: "id" }];
const widget = (id: string, type: string, config: object) =>
  ({ id, name: id, type, config }) as unknown as Widget;
const widgets = [
  widget("list", "list", {
    queryID: "q",
    title: "name",
    selects,
    opens: { type: "widget", widgetID: "form" },
  }),
  widget("form", "form", {
    ...of,
    fields: [{ name: "name" }],
    submit: "Save",
    action: { type: "query", queryID: "w", values: { id: "{{ row.id }}", name: "{{ form.name }}" } },
  }),
  widget("details", "keyValue", of),
  widget("away", "list", {
    queryID: "q",
    title: "name",
    opens: { type: "dashboard", dashboardID: "d2", variables: { person: "{{ row.id }}" } },
  }),
];
const id: DashboardVariable = { name: "id", type: "number", default: null, options: [], hidden: true };
const dashboard: Drawn = {
  version: 1,
  tabs: [],
  refreshSeconds: 0,
  timeZone: null,
  layouts: {},
  variables: [id],
  items: [
    { key: "list", widgetID: "list" },
    { key: "form", widgetID: "form", drawer: true },
    { key: "details", widgetID: "details" },
  ],
  widgets,
};

function Page({ drawn }: { drawn: Drawn }) {
  const board = useBoard(drawn, source);
  const { pathname, search } = useLocation();
  return (
    <>
      <Board board={board} menu={menu} empty={null} />
      <output>{pathname + search}</output>
    </>
  );
}
const source = { path: "/data", act: () => Promise.reject(new Error("not now")) };
const menu = () => null;

const show = (drawn: Drawn = dashboard) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/t1/dashboards/d1"]}>
        <Routes>
          <Route path="/t/:tenantID/dashboards/d1" element={<Page drawn={drawn} />} />
          <Route path="/t/:tenantID/dashboards/d2" element={<Where />} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );

function Where() {
  const { pathname, search } = useLocation();
  return <output>{pathname + search}</output>;
}

beforeEach(() => {
  asked = [];
  release = [];
  isHeld = false;
  isAllowed = true;
  forgetForms();
});

const click = async (text: string) => {
  const target = await screen.findByText(text, {}, { timeout: 5000 });
  await act(async () => {
    fireEvent.click(target);
    await Promise.resolve();
  });
};

it("a row opens its form in a drawer, for this row only, and closing the drawer deselects it", async () => {
  show();
  await waitFor(() => screen.getByText("Select a row in “list”."));
  expect(screen.queryByRole("dialog")).toBeNull();
  await click("Ada");
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Ada"));
  expect(asked.at(-1)?.variables).toEqual({ id: 1 });
  expect(screen.getByRole("dialog", { name: "form Ada" })).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Typed for Ada" } });

  // Another row asks first; closing the drawer, too.
  await click("Bob");
  await click("Cancel");
  expect(screen.getByText("/t/t1/dashboards/d1?id=1")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Typed for Ada");
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Close" })));
  await click("Cancel");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Typed for Ada");

  // The data of another row is on its way: nothing of the first one is shown or can be sent.
  isHeld = true;
  await click("Bob");
  await click("Discard");
  await waitFor(() => expect(screen.queryByLabelText("Name")).toBeNull());
  await act(async () => release.forEach((done) => done()));
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Bob"));

  isHeld = false;
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Close" })));
  await waitFor(() => expect(screen.getByText("/t/t1/dashboards/d1")).toBeTruthy());
});

it("people who may not act read a row, and learn why they cannot add one", async () => {
  isAllowed = false;
  const entry = widget("entry", "form", {
    fields: [{ name: "name" }],
    action: { type: "query", queryID: "w", values: { name: "{{ form.name }}" } },
  });
  const press = widget("press", "button", {
    label: "New row",
    action: { type: "open", to: { type: "widget", widgetID: "entry" } },
  });
  show({
    ...dashboard,
    items: [
      ...dashboard.items,
      { key: "press", widgetID: "press" },
      { key: "entry", widgetID: "entry", drawer: true },
    ],
    widgets: [...widgets, press, entry],
  });
  await click("Ada");
  const details = await screen.findByRole("dialog", { name: "Details Ada" });
  await waitFor(() => expect(details.querySelector("dd")?.textContent).toBe("Ada"));
  expect(details.querySelector("form, input")).toBeNull();
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Close" })));

  const add = await screen.findByText("New row");
  const button = add.closest("button");
  expect(button?.getAttribute("aria-disabled")).toBe("true");
  await click("New row");
  expect(screen.queryByRole("dialog", { name: "entry" })).toBeNull();
  expect(screen.getByRole("tooltip", { name: "Your role can only view dashboards." })).toBeTruthy();
});

it("a row leads to another dashboard with its values", async () => {
  show({ ...dashboard, items: [{ key: "list", widgetID: "away" }] });
  await click("Bob");
  await waitFor(() => screen.getByText("/t/t1/dashboards/d2?person=2"));
});

it("writes the values of a dashboard as its URL has them", () => {
  const values = { a: 1, b: "x y", none: null, period: { from: "2026-01-01", to: "2026-01-31" } };
  expect(searchFor(values)).toBe("a=1&b=x+y&period=2026-01-01..2026-01-31");
});

it("shows the items whose conditions are met, and no others", () => {
  const region = (value: string) => [
    { from: "vars" as const, field: "region", operator: "equals" as const, value },
  ];
  const items = [
    { key: "always", widgetID: "list" },
    { key: "us", widgetID: "list", when: region("US") },
    { key: "drawer", widgetID: "list", drawer: true },
    { key: "press", widgetID: "press" },
  ];
  const press = widget("press", "button", { when: [...region("EU"), { field: "id", operator: "empty" }] });
  const keys = (vars: object) =>
    shownItems(items, [...widgets, press], { vars: { ...vars }, user: {} }).map(({ key }) => key);
  expect([keys({ region: "US" }), keys({ region: "EU" })]).toEqual([
    ["always", "us"],
    ["always", "press"],
  ]);
});

it("says what sets a variable", () => {
  const input = widget("input", "textInput", { variable: "word" });
  const variables: DashboardVariable[] = [
    id,
    { name: "word", type: "text", default: null, options: [] },
    { name: "region", type: "text", default: null, options: [] },
    { name: "secret", type: "text", default: null, options: [], hidden: true },
  ];
  const items = [...dashboard.items, { key: "input", widgetID: "input" }];
  const by = (name: string) => setterIn(name, variables, items, [...widgets, input]);
  expect(["id", "word", "region", "secret", "other"].map(by)).toEqual([
    { by: "row", title: "list" },
    { by: "input", title: "input" },
    { by: "bar", title: "Region" },
    { by: "link", title: "Secret" },
    null,
  ]);
});
