import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { render } from "@/lib/render.setup";
import { ApiError } from "@/lib/api/errors";
import { refusedFilter } from "./refused-filter";
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
    <ServerFilters
      label="Notes"
      known={known}
      columns={columns}
      filters={filters}
      onFilters={onFilters}
      values={{ title: ["Call Ada", "Write Bob"] }}
      references={[]}
      refused={null}
    />,
  );
  fireEvent.click(screen.getByRole("button", { name: /Notes/ }));
  return onFilters;
}

it("a text has one input, and the way to compare it is selected", async () => {
  const onFilters = open();
  const input = await screen.findByLabelText("Text for title", { selector: "input" });
  fireEvent.change(input, { target: { value: "50%" } });
  expect(onFilters).toHaveBeenLastCalledWith([{ field: "title", operator: "contains", value: "50%" }]);
  expect(screen.getAllByLabelText(/^Text for title/, { selector: "input" }).length).toBe(1);
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

it("a number is read as the language writes it, and other text filters nothing", async () => {
  const onFilters = vi.fn<(filters: Condition[]) => void>();
  const total = { field: "total", label: "total", type: "int4", format: { kind: "number" } };
  render(
    <ServerFilters
      label="Notes"
      known={known.slice(3)}
      columns={[total as unknown as TableColumn]}
      filters={[]}
      onFilters={onFilters}
      values={{}}
      references={[]}
      refused={null}
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

it("suggests the values that a column is known to have", async () => {
  const onFilters = open();
  fireEvent.click(await screen.findByLabelText("Text for title", { selector: "input" }));
  fireEvent.click(await screen.findByRole("option", { name: "Write Bob" }));
  expect(onFilters).toHaveBeenLastCalledWith([{ field: "title", operator: "contains", value: "Write Bob" }]);
});

/** Shows the filters of one column. */
async function filtersOf(about: object, operators: ServerFilter["operator"][], props: object = {}) {
  const filters = operators.map((operator) => ({ field: "x", operator, parameter: operator, options: [] }));
  const column = { field: "x", label: "Since", type: "", format: { kind: "text" }, ...about };
  render(
    <ServerFilters
      label="Notes"
      known={filters}
      columns={[column as unknown as TableColumn]}
      filters={[]}
      onFilters={() => undefined}
      values={{}}
      references={[]}
      refused={null}
      {...props}
    />,
  );
  fireEvent.click(screen.getByRole("button", { name: /Notes/ }));
  await screen.findByText("Since");
}

it("dates are before and after each other, numbers more and less", async () => {
  await filtersOf({ type: "date" }, ["equals", "greater", "less"]);
  expect(
    ["Since: is", "Since: is after", "Since: is before"].map((name) => screen.getByLabelText(name)),
  ).toHaveLength(3);
  expect(screen.queryByText("is more than")).toBeNull();
});

it("the ends of a range may be part of it", async () => {
  await filtersOf({ type: "date" }, ["atLeast", "atMost"]);
  expect(
    ["Since: is on or after", "Since: is on or before"].map((name) => screen.getByLabelText(name)),
  ).toHaveLength(2);
});

it("an error stands at the filter that the server names", async () => {
  await filtersOf({ format: { kind: "number" } }, ["equals", "greater"], {
    filters: [{ field: "x", operator: "equals", value: "5" }],
    refused: { filter: { field: "x", operator: "equals" }, message: "Must be a number" },
  });
  expect(screen.getByLabelText("Since: is").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByLabelText("Since: is more than").getAttribute("aria-invalid")).not.toBe("true");
});

it("finds the filter that an error is about by its place or its parameter", () => {
  const filter = known[3];
  const refused = (message: string, code = "INVALID_REQUEST") =>
    refusedFilter(new ApiError(502, code, message), filter ? [{ ...filter, value: "x" }] : [], known);
  expect(refused("filters[0].value: must be a number")).toMatchObject({
    filter: { field: "total", operator: "greater" },
    message: "Must be a number",
  });
  expect(refused("parameters.title_is: must be text")).toMatchObject({ filter: { field: "title" } });
  expect(refused('invalid input syntax for type uuid: "x"', "DATASOURCE_ERROR")).toEqual({
    filter: undefined,
    message: 'invalid input syntax for type uuid: "x"',
  });
});
