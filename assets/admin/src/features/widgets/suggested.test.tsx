import { screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { NewWidget } from "./suggested";

const data = vi.fn<() => object>();
vi.mock("@/lib/api/resources", () => ({ useOne: () => ({ data: { parameters: [] }, isLoading: false }) }));
vi.mock("@/domain/widgets/form/preview/preview-data", () => ({ usePreviewData: () => data() }));
vi.mock("./gallery", () => ({ WidgetGallery: () => <output>all kinds</output> }));

function Where() {
  const { pathname, search } = useLocation();
  return <output>{pathname + search}</output>;
}

function open(search: string, found: object) {
  data.mockReturnValue({ result: null, fetching: false, ...found });
  render(
    <MemoryRouter initialEntries={[`/t/one/widgets/new${search}`]}>
      <Routes>
        <Route path="/t/:tenantID/widgets/new" element={<NewWidget />} />
        <Route path="*" element={<Where />} />
      </Routes>
    </MemoryRouter>,
  );
  return screen.queryByRole("status")?.textContent ?? null;
}

const columns = [
  { name: "month", type: "date" },
  { name: "revenue", type: "integer" },
];
const months = {
  data: [
    { month: "2026-01-01", revenue: 3 },
    { month: "2026-02-01", revenue: 4 },
  ],
  columns,
};

it("a widget for a query begins with the kind that suits its data", () => {
  expect(open("?query=q", { result: months })).toBe("/t/one/widgets/new/line?query=q");
});

it("without data, and without a query, all kinds are offered", () => {
  expect(open("?query=q", { fetching: true })).toBeNull();
  document.body.replaceChildren();
  expect(open("?query=q", {})).toBe("all kinds");
  document.body.replaceChildren();
  expect(open("", { result: months })).toBe("all kinds");
});
