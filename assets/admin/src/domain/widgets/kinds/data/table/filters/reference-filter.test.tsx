import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import type { Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { WidgetHostProvider, type WidgetHost } from "../../../host";
import { ServerFilters } from "../server-filters";
import type { TableColumn } from "../table-columns";
import { useFilterReferences } from "./filter-references";

const known: ServerFilter[] = [
  { field: "customer_id_label", operator: "contains", parameter: "customer_id_contains", options: [] },
  { field: "customer_id", operator: "equals", parameter: "customer_id_is", options: [] },
  { field: "total", operator: "equals", parameter: "total_is", options: [] },
];
const columns = ["customer_id_label", "customer_id", "total"].map((field) => ({
  field,
  label: field,
  type: "",
  format: { kind: "text" },
})) as unknown as TableColumn[];
const config = { opens: { type: "widget", widgetID: "form" } };
const choices = { queryID: "q", valueField: "value", labelField: "label", search: "search", value: "value" };
const form = {
  type: "form",
  config: {
    fields: [{ name: "customer_id", label: "Customer", type: "select", choices }, { name: "total" }],
  },
} as const;
const onFilters = vi.fn<(filters: Condition[]) => void>();
const load = vi.fn<NonNullable<WidgetHost["choices"]>>(() =>
  Promise.resolve({ choices: [{ value: 7, label: "Ada" }], more: false }),
);

beforeEach(() => {
  onFilters.mockReset();
  Element.prototype.scrollIntoView = () => undefined;
});

function Filters() {
  const [filters, setFilters] = useState<Condition[]>([]);
  return (
    <ServerFilters
      label="Orders"
      known={known}
      columns={columns}
      filters={filters}
      onFilters={(next) => {
        onFilters(next);
        setFilters(next);
      }}
      values={{}}
      references={useFilterReferences(config, known)}
      refused={null}
    />
  );
}

function show(canLoad: boolean) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: canLoad ? load : null,
    act: null,
    change: null,
    building: false,
    widgetOf: () => form as never,
    itemOf: (id) => `item of ${id}`,
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <WidgetHostProvider value={host}>
                <Filters />
              </WidgetHostProvider>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: /Orders/ }));
}

it("a foreign key is filtered by a row, which is selected as in the form", async () => {
  show(true);
  fireEvent.click(await screen.findByRole("combobox", { name: "Customer" }));
  fireEvent.click(await screen.findByRole("option", { name: "Ada" }));
  expect(load.mock.calls[0]?.[0]).toBe("item of form");
  expect(onFilters).toHaveBeenLastCalledWith([
    { field: "customer_id", operator: "equals", value: "7", shown: { label: "Customer", value: "Ada" } },
  ]);
  expect(screen.queryByLabelText("Text for customer_id_label")).toBeNull();
  expect(screen.getByLabelText("total: is", { selector: "input" })).toBeTruthy();
});

it("where its rows cannot be loaded, it is filtered by a text", async () => {
  show(false);
  expect(await screen.findByLabelText(/^customer_id_label/, { selector: "input" })).toBeTruthy();
  expect(screen.queryByLabelText("Customer")).toBeNull();
});
