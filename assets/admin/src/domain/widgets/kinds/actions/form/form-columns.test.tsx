import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { expect, it, vi } from "vitest";
import type { Column } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { render } from "@/lib/render.setup";
import { WidgetHostProvider, type FieldChoices, type WidgetHost } from "../../host";
import { FormWidget } from "./form";
import { formFields } from "./form-fields";

vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: undefined }),
  useMembership: () => undefined,
}));

const columns: Column[] = [
  { name: "weight", type: "number", label: "Weight", unit: "kg" },
  { name: "price", type: "number", label: "Net price", format: "currency", currency: "EUR" },
  { name: "rate", type: "number", format: "percent" },
  { name: "status", type: "text", label: "State", colors: { open: "amber" } },
];
const config = {
  queryID: "q",
  fields: [
    { name: "weight", type: "number" },
    { name: "price", type: "number", label: "Price", unit: "USD" },
    { name: "rate", type: "number" },
    { name: "status", type: "select", options: ["open", "paid"] },
    { name: "owner", type: "select", choices: { queryID: "p", valueField: "id" } },
    { name: "other" },
  ],
  action: { type: "query", queryID: "w", values: {} },
};

it("fields have the labels and units of the columns with their names, unless the form sets them", () => {
  expect(formFields(config, columns).map(({ label, unit }) => [label, unit])).toEqual([
    ["Weight", "kg"],
    ["Price", "USD"],
    ["Rate", ""],
    ["State", ""],
    ["Owner", ""],
    ["Other", ""],
  ]);
  expect(formFields({ fields: [{ name: "price" }] }, columns)[0]).toMatchObject({
    label: "Net price",
    unit: "EUR",
  });
});

function show(choices: FieldChoices) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: async () => choices,
    act: async () => Promise.reject(new Error("not now")),
    change: null,
    building: false,
  };
  const data = [{ weight: 2.5, price: 10, rate: 0.021, status: "open", owner: 1 }];
  const result = { data, columns, rowCount: 1, truncated: false, durationMs: 1 } as unknown as WidgetData;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/t1"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <WidgetHostProvider value={host}>
                <FormWidget config={config} result={result} label="Order" id="f" />
              </WidgetHostProvider>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const input = (label: string) =>
  screen.getAllByLabelText<HTMLInputElement>(label).find(({ tagName }) => tagName === "INPUT");

it("shows units, how a number is shown elsewhere, and the colors of values", async () => {
  show({
    choices: [{ value: 1, label: "1500" }],
    more: false,
    labelColumn: { name: "id", type: "number", format: "number", unit: "pts" },
  });
  expect(input("Weight in kg")?.value).toBe("2.5");
  expect(screen.getByText("kg")).toBeTruthy();
  expect(screen.getByText("= 2.1%")).toBeTruthy();
  fireEvent.change(input("Rate") as Element, { target: { value: "0.5" } });
  expect(screen.getByText("= 50%")).toBeTruthy();
  expect(document.querySelector('[data-tone="amber"]')).not.toBeNull();
  await waitFor(() => expect(input("Owner")?.value).toBe("1,500\u00a0pts"));
});
