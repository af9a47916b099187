import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen } from "@testing-library/react";
import { useMemo, useState } from "react";
import { MemoryRouter } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { render } from "@/lib/render.setup";
import { useWidgetActions, WidgetHostProvider } from "./host";
import { WidgetView } from "./widget-view";

vi.mock("@/lib/tenant", async (original) => ({
  ...(await original<object>()),
  useTenantID: () => "t",
  useTenantLink:
    () =>
    (...path: string[]) =>
      `/t/${path.join("/")}`,
}));
vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: undefined }),
  useMembership: () => undefined,
}));
vi.mock("@tanstack/react-virtual", () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getTotalSize: () => 0,
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, start: 0 })),
  }),
}));

const rows = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Bob" },
];
const result: WidgetData = { data: rows, columns: [], rowCount: 2, truncated: false, durationMs: 1 } as never;
const client = new QueryClient();
let variables: JsonObject;
let opened: unknown[];

interface PageProps {
  type: string;
  config: JsonObject;
  data?: WidgetData;
}

function Page({ type, config, data = result }: PageProps) {
  const [values, setValues] = useState<JsonObject>({ id: null });
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
  return (
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <WidgetHostProvider value={host as never}>
          <WidgetView type={type} config={config} result={data} label="People" id="people" />
          <Clear />
        </WidgetHostProvider>
      </MemoryRouter>
    </QueryClientProvider>
  );
}

function Clear() {
  const { clearSelection } = useWidgetActions();
  return <button onClick={() => clearSelection?.()}>clear</button>;
}

beforeEach(() => {
  opened = [];
});

const selects = [{ variable: "id", field: "id" }];
const selected = (name: string) =>
  screen.getByText(name).closest("[aria-selected]")?.getAttribute("aria-selected");
const key = async (name: string, pressed: string) => {
  const row = screen.getByText(name).closest("[aria-selected]");
  await act(async () => fireEvent.keyDown(row as Element, { key: pressed }));
};

it.each([
  ["table", {}],
  ["list", { title: "name" }],
  ["timeline", { time: "id", title: "name" }],
])("a %s highlights the selected row, and deselects it by pointer and by keyboard", async (type, own) => {
  render(<Page type={type} config={{ queryID: "q", selects, ...own }} />);
  await screen.findByText("Ada", {}, { timeout: 5000 });
  expect([selected("Ada"), selected("Bob")]).toEqual(["false", "false"]);
  await act(async () => fireEvent.click(screen.getByText("Bob")));
  expect([selected("Ada"), selected("Bob"), variables["id"]]).toEqual(["false", "true", 2]);
  await key("Ada", "Enter");
  expect([selected("Ada"), selected("Bob"), variables["id"]]).toEqual(["true", "false", 1]);
  await key("Ada", "Escape");
  expect([selected("Ada"), variables["id"]]).toEqual(["false", undefined]);
  await act(async () => fireEvent.click(screen.getByText("Ada")));
  await act(async () => fireEvent.click(screen.getByText("Ada")));
  expect([selected("Ada"), variables["id"]]).toEqual(["false", undefined]);
});

it("a row that opens something stays selected when it is clicked again, and Escape deselects it", async () => {
  const opens = { type: "dashboard", dashboardID: "d", variables: { id: "{{ row.id }}" } };
  render(<Page type="table" config={{ queryID: "q", opens }} />);
  await screen.findByText("Ada", {}, { timeout: 5000 });
  await act(async () => fireEvent.click(screen.getByText("Ada")));
  await act(async () => fireEvent.click(screen.getByText("Ada")));
  expect(selected("Ada")).toBe("true");
  expect(opened).toEqual(Array(2).fill([opens, { row: rows[0], vars: { id: null } }]));
  await key("Ada", "Escape");
  expect([selected("Ada"), opened.length]).toEqual(["false", 2]);
  await act(async () => fireEvent.click(screen.getByText("Bob")));
  await act(async () => fireEvent.click(screen.getByText("clear")));
  expect(selected("Bob")).toBe("false");
});

it("the selected row stays selected when its other values have changed", async () => {
  const page = { type: "table", config: { queryID: "q", selects } };
  const { rerender } = render(<Page {...page} />);
  await screen.findByText("Bob", {}, { timeout: 5000 });
  await act(async () => fireEvent.click(screen.getByText("Bob")));
  rerender(<Page {...page} data={{ ...result, data: [rows[0], { id: 2, name: "Robert" }] } as WidgetData} />);
  expect([selected("Ada"), selected("Robert")]).toEqual(["false", "true"]);
});

it("rows that lead nowhere cannot be selected", async () => {
  render(<Page type="table" config={{ queryID: "q" }} />);
  await screen.findByText("Ada", {}, { timeout: 5000 });
  const row = screen.getByText("Ada").closest("[role=row]");
  expect([row?.hasAttribute("aria-selected"), row?.hasAttribute("tabindex")]).toEqual([false, false]);
});
