import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { render } from "@/lib/render.setup";
import { ServerFilters } from "./server-filters";
import type { TableColumn } from "./table-columns";

const known: ServerFilter[] = [
  { field: "title", operator: "contains", parameter: "title_contains", options: [] },
  { field: "title", operator: "equals", parameter: "title_is", options: [] },
  { field: "title", operator: "empty", parameter: "title_empty", options: ["true", "false"] },
  { field: "total", operator: "greater", parameter: "total_above", options: [] },
];
const columns = ["title", "total"].map((field) => ({
  field,
  label: field,
  type: "",
  format: { kind: "text" },
})) as unknown as TableColumn[];

function open(filters: Condition[] = []) {
  const onFilters = vi.fn<(filters: Condition[]) => void>();
  render(
    <ServerFilters label="Notes" known={known} columns={columns} filters={filters} onFilters={onFilters} />,
  );
  fireEvent.click(screen.getByRole("button", { name: /Notes/ }));
  return onFilters;
}

it("a text has one input, and the way to compare it is selected", async () => {
  const onFilters = open();
  const input = await screen.findByRole("textbox", { name: "Text for title" });
  fireEvent.change(input, { target: { value: "50%" } });
  expect(onFilters).toHaveBeenLastCalledWith([{ field: "title", operator: "contains", value: "50%" }]);
  expect(screen.getAllByRole("textbox", { name: /title/ }).length).toBe(1);
});

it("an empty text needs no input, and the others keep their filters", async () => {
  const onFilters = open([
    { field: "title", operator: "contains", value: "a" },
    { field: "total", operator: "greater", value: "5" },
  ]);
  fireEvent.click(await screen.findByRole("combobox", { name: "Condition on title" }));
  fireEvent.click(await screen.findByRole("option", { name: "is empty" }));
  expect(onFilters).toHaveBeenLastCalledWith([
    { field: "total", operator: "greater", value: "5" },
    { field: "title", operator: "empty", value: "true" },
  ]);
});

it("a number is read as the language writes it, and what is none filters nothing", async () => {
  const onFilters = vi.fn<(filters: Condition[]) => void>();
  const total = { field: "total", label: "total", type: "int4", format: { kind: "number" } };
  render(
    <ServerFilters
      label="Notes"
      known={known.slice(3)}
      columns={[total as unknown as TableColumn]}
      filters={[]}
      onFilters={onFilters}
    />,
  );
  fireEvent.click(screen.getByRole("button", { name: /Notes/ }));
  const input = await screen.findByRole("textbox", { name: "total: is more than" });
  fireEvent.change(input, { target: { value: "1,000.5" } });
  expect(onFilters).toHaveBeenLastCalledWith([{ field: "total", operator: "greater", value: "1000.5" }]);
  onFilters.mockClear();
  fireEvent.change(input, { target: { value: "1.000,5" } });
  fireEvent.blur(input);
  expect(onFilters).not.toHaveBeenCalled();
  expect(screen.getByText("Enter a number, such as 12.5.")).toBeTruthy();
});
