import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, it, vi } from "vitest";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { render } from "@/lib/render.setup";
import { tellSuccess } from "../../actions/successes";
import type { WidgetProps } from "../../config";
import { WidgetHostProvider, type WidgetHost } from "../../host";
import { TableWidget } from "./table";

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
vi.mock("@tanstack/react-virtual", () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getTotalSize: () => 0,
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, start: 0 })),
  }),
}));

const page = (...names: string[]) =>
  ({
    data: names.map((name, index) => ({ id: index + 1, name, city: "Bern", note: "x" })),
    columns: [],
    rowCount: names.length,
    total: names.length,
    truncated: false,
    durationMs: 1,
  }) as unknown as WidgetData;
const config = {
  serverPaging: true,
  server: { search: "search", sortable: [], filters: [] },
  rowActions: [
    {
      label: "Delete",
      action: { type: "query", queryID: "q", values: {} },
      confirm: "Delete this row?",
      danger: true,
    },
  ],
};
const editable = {
  columns: [
    { field: "name", edit: { action: { type: "query", queryID: "q", values: {} } } },
    { field: "city" },
  ],
};
const removal = () => screen.getAllByRole<HTMLButtonElement>("button", { name: "Delete" })[0];

let respond: (data: WidgetData) => void;
let fail: (error: Error) => void;
const host = {
  variables: {},
  setVariables: () => undefined,
  refresh: () => undefined,
  readPage: () => new Promise((resolve, reject) => ([respond, fail] = [resolve, reject])),
  choices: null,
  change: null,
  act: () => Promise.resolve(),
  building: false,
  open: () => undefined,
} as unknown as WidgetHost;
const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });

function People({ result = page("Ada", "Grace"), ...props }: Partial<WidgetProps>) {
  return (
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <WidgetHostProvider value={host}>
          <TableWidget config={config} result={result} label="People" id="people" {...props} />
        </WidgetHostProvider>
      </MemoryRouter>
    </QueryClientProvider>
  );
}

const named = async () => {
  const question = await screen.findByRole("dialog");
  return [...question.querySelectorAll("dt, dd")].map(({ textContent }) => textContent);
};

it("rows of an earlier search have no actions, and a question names its row", async () => {
  render(<People />);
  expect(removal()?.disabled).toBe(false);
  fireEvent.change(screen.getByRole("textbox", { name: "Search People" }), { target: { value: "gr" } });
  expect(removal()?.disabled).toBe(true);
  await vi.waitFor(() => {
    respond(page("Grace"));
    expect(removal()?.disabled).toBe(false);
  });
  expect(screen.queryByText("Ada")).toBe(null);
  act(() => removal()?.click());
  expect(await named()).toEqual(["id", "1", "name", "Grace", "city", "Bern"]);
});

it("rows of earlier variables have no actions", () => {
  const { rerender } = render(<People isStale />);
  expect(removal()?.disabled).toBe(true);
  rerender(<People />);
  expect(removal()?.disabled).toBe(false);
});

it("what was entered in a cell belongs to the row that it was entered for", async () => {
  const { rerender } = render(<People config={editable} />);
  fireEvent.click(screen.getByRole("button", { name: "Edit name: Ada" }));
  fireEvent.change(screen.getByRole("textbox", { name: "name" }), { target: { value: "Ada B." } });
  rerender(<People config={editable} result={page("Zoe", "Ada")} />);
  fireEvent.keyDown(screen.getByRole("textbox", { name: "name" }), { key: "Enter" });
  expect(await named()).toEqual(["name", "Ada", "city", "Bern"]);
  expect(screen.getByText("Changes “Ada” to “Ada B.”.")).toBeTruthy();
});

it("what the server refuses can be corrected: the tools and the last rows stay", async () => {
  render(<People />);
  const search = screen.getByRole<HTMLInputElement>("textbox", { name: "Search People" });
  fireEvent.change(search, { target: { value: "refused" } });
  await vi.waitFor(() => {
    fail(new Error("The database cannot compare this."));
    expect(screen.getByRole("alert").textContent).toContain("The database cannot compare this.");
  }, 10_000);
  expect(screen.getByText("Ada")).toBeTruthy();
  expect(removal()?.disabled).toBe(true);
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Search People" }).value).toBe("refused");
  fireEvent.change(search, { target: { value: "" } });
  await vi.waitFor(() => expect(screen.queryByRole("alert")).toBeNull(), 10_000);
  expect(removal()?.disabled).toBe(false);
});

it("says that the search hides a row that was just created, and clears it", async () => {
  const { rerender } = render(<People />);
  const search = screen.getByRole<HTMLInputElement>("textbox", { name: "Search People" });
  fireEvent.change(search, { target: { value: "gr" } });
  await vi.waitFor(() => {
    respond(page("Grace"));
    expect(removal()?.disabled).toBe(false);
  }, 10_000);
  act(() => tellSuccess());
  rerender(<People result={page("Ada", "Grace", "Zoe")} />);
  await vi.waitFor(() => {
    respond(page("Grace"));
    expect(screen.getByText("Row created. The filters hide it.")).toBeTruthy();
  }, 10_000);
  fireEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(search.value).toBe("");
  await vi.waitFor(() => expect(screen.getByText("Zoe")).toBeTruthy(), 10_000);
  expect(screen.queryByText("Row created. The filters hide it.")).toBeNull();
});

it("the search names the columns that it looks into", () => {
  render(<People config={{ ...config, server: { ...config.server, searched: ["name", "city"] } }} />);
  const search = screen.getByRole<HTMLInputElement>("textbox", { name: "Search People" });
  expect(search.placeholder).toBe("Search in: name, city");
});
