import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import type { Condition } from "@/lib/rows/conditions";
import type { TableColumn } from "../table-columns";
import { ActiveFilters } from "./active-filters";

const columns = [
  { field: "total", label: "Total" },
  { field: "note", label: "Note" },
].map((column) => ({ ...column, type: "", format: { kind: "text" } })) as unknown as TableColumn[];
const filters: Condition[] = [
  { field: "total", operator: "greater", value: "100" },
  { field: "note", operator: "empty", value: "false" },
  { field: "note", operator: "contains", value: "" },
];

it("tells which filters apply, and removes each of them", () => {
  const onFilters = vi.fn<(filters: Condition[]) => void>();
  render(<ActiveFilters columns={columns} filters={filters} onFilters={onFilters} />);
  expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual([
    "Total is more than 100",
    "Note is not empty",
  ]);
  fireEvent.click(screen.getByRole("button", { name: "Clear filter Total: is more than 100" }));
  expect(onFilters).toHaveBeenLastCalledWith(filters.slice(1));
});

it("names a row that was selected instead of its key", () => {
  const shown = { label: "Customer", value: "Ada" };
  const row: Condition = { field: "customer_id", operator: "equals", value: "7", shown };
  render(<ActiveFilters columns={columns} filters={[row]} onFilters={vi.fn()} />);
  expect(screen.getByRole("button", { name: "Clear filter Customer: is Ada" }).textContent).toBe(
    "Customer is Ada",
  );
});

it("takes no room without filters", () => {
  const { container } = render(<ActiveFilters columns={columns} filters={[]} onFilters={vi.fn()} />);
  expect(container.querySelector("[role=group]")).toBeNull();
});
