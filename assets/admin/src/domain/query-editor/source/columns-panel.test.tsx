import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import type { DataQueryDraft, QueryColumn, QueryResult } from "@/lib/api/model";
import { plainQuery } from "@/lib/api/subjects/data-queries";
import { render } from "@/lib/render.setup";
import type { Runner } from "../run";
import { ColumnsPanel } from "./columns-panel";

const rows = [
  { order_total: 1240.5, currency: "EUR", status: "open" },
  { order_total: 2, currency: "EUR", status: "failed" },
];
const result: QueryResult = {
  data: rows,
  columns: Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "unknown" })),
  rowCount: 2,
  affectedRows: null,
  truncated: false,
  durationMs: 1,
  cache: "off",
};

let saved: QueryColumn[] = [];

function Panel({ shown = result as QueryResult | null, readOnly = false }) {
  const [draft, setDraft] = useState<DataQueryDraft>(plainQuery("d", "select 1"));
  return (
    <ColumnsPanel
      draft={draft}
      set={(change) => {
        setDraft({ ...draft, ...change });
        saved = change.columns ?? saved;
      }}
      errors={{}}
      runner={{ result: shown } as Runner}
      readOnly={readOnly}
    />
  );
}

it("asks for a run while nothing is known about the columns", () => {
  render(<Panel shown={null} />);
  expect(screen.getByText(/^Run the query to set labels/)).toBeTruthy();
});

it("applies all suggestions at once, and shows values as they will be shown", () => {
  render(<Panel />);
  fireEvent.click(screen.getByText("Apply suggestions (2)"));
  expect(saved).toEqual([
    { name: "order_total", format: "currency", currency: "EUR", label: "Order total" },
    { name: "status", colors: { open: "blue", failed: "red" } },
  ]);
  expect(screen.getByText("€1,240.50")).toBeTruthy();
  expect(screen.getByText("Order total · Currency EUR")).toBeTruthy();
  expect(screen.queryByText(/^Apply suggestions/)).toBeNull();
});

it("keeps only what is declared", () => {
  saved = [];
  render(<Panel />);
  fireEvent.click(screen.getByLabelText("Settings of column currency"));
  const label = screen.getByLabelText<HTMLInputElement>("Label");
  fireEvent.change(label, { target: { value: "Paid in" } });
  expect(saved).toEqual([{ name: "currency", label: "Paid in" }]);
  fireEvent.change(label, { target: { value: "" } });
  expect(saved).toEqual([]);
});

it("suggests nothing to people who may only read", () => {
  render(<Panel readOnly />);
  expect(screen.queryByText(/^Apply suggestions/)).toBeNull();
});
