import { fireEvent, screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { expect, it } from "vitest";
import type { QueryResult } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { ShowData } from "./edit";

function Where() {
  const { pathname, search, state } = useLocation();
  return <output>{`${pathname}${search} ${JSON.stringify(state)}`}</output>;
}

const result = {
  data: [{ month: "2026-01-01", revenue: 3 }],
  columns: [
    { name: "month", type: "date" },
    { name: "revenue", type: "integer" },
  ],
} as QueryResult;

it.each([
  ["result" as const, null, /^\/t\/one\/widgets\/new\?query=q null$/],
  [
    "result" as const,
    "bar" as const,
    /^\/t\/one\/widgets\/new\/bar\?query=q \{"config":\{.*"x":"month".*"series":\[\{"field":"revenue"/,
  ],
  ["chart" as const, null, /^\/t\/one\/widgets\/new\/line\?query=q \{"config":\{.*"x":"month"/],
])("a widget of a query takes over the chart that is shown or was chosen: %s, %s", (tab, shape, where) => {
  render(
    <MemoryRouter initialEntries={["/t/one/data-queries/q"]}>
      <Routes>
        <Route
          path="/t/:tenantID/data-queries/q"
          element={<ShowData queryID="q" declared={[]} runner={{ result, tab, chart: { shape, own: {} } }} />}
        />
        <Route path="*" element={<Where />} />
      </Routes>
    </MemoryRouter>,
  );
  fireEvent.click(screen.getByText("Create widget"));
  expect(screen.getByRole("status").textContent).toMatch(where);
});
