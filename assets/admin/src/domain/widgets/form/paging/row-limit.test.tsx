import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { rowLimit, withoutPages, type LimitedQuery } from "./row-limit";
import { RowLimitNote } from "./row-limit-note";

const parameter = (name: string, standard: unknown) =>
  ({ name, type: "number", default: standard, required: false }) as LimitedQuery["parameters"][number];
const query: LimitedQuery = {
  options: { sql: "select * from orders\norder by id\nLIMIT {{ params.count }} offset {{ params.offset }}" },
  parameters: [parameter("count", 15), parameter("offset", 0)],
  maxRows: 2000,
};

it("a table that paged on the server leaves a limit that reads all rows, and one more to notice others", () => {
  const config = { serverPaging: true, server: { limit: "count", offset: "offset" } };
  expect(withoutPages(config, { region: "EU" }, query)).toEqual({ region: "EU", count: 2001 });
  expect(withoutPages(config, { region: "EU" }, undefined)).toEqual({ region: "EU", count: 10_001 });
  const mapped = { count: 50 };
  expect(withoutPages(config, mapped, query)).toBe(mapped);
  expect(withoutPages({ ...config, serverPaging: false }, mapped, query)).toBe(mapped);
  expect(withoutPages({}, mapped, query)).toBe(mapped);
});

it("the parameter in the statement says how many rows are read", () => {
  const limit = (rows: number, isWhole: boolean) => ({ parameter: "count", rows, isWhole });
  expect(rowLimit(query, {})).toEqual(limit(15, false));
  expect(rowLimit(query, { count: 100 })).toEqual(limit(100, false));
  expect(rowLimit(query, { count: 2001 })).toEqual(limit(2000, true));
  expect(rowLimit(query, { count: "{{ vars.count }}" })).toBeNull();
  expect(rowLimit({ ...query, options: { sql: "select 1 limit 15" } }, {})).toBeNull();
  expect(rowLimit(undefined, {})).toBeNull();
});

function note(config: JsonObject, isEdited = true) {
  const onParameters = vi.fn();
  render(<RowLimitNote query={query} config={config} isEdited={isEdited} onParameters={onParameters} />);
  return onParameters;
}

it("an editable table says that it loads only a page, and how to load all rows", () => {
  const onParameters = note({ parameters: { region: "EU" } });
  expect(screen.getByRole("alert").textContent).toContain("only 15 rows");
  fireEvent.click(screen.getByRole("button", { name: "Load up to 2,000 rows" }));
  expect(onParameters).toHaveBeenCalledWith({ region: "EU", count: 2001 });
});

it("a widget that loads all rows says so", () => {
  note({ parameters: { count: 2001 } });
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText(/Loads up to 2,000 rows at once/)).toBeTruthy();
});

it("other widgets may show a page, and a table that pages needs no note", () => {
  note({}, false);
  expect(screen.queryByRole("alert")).toBeNull();
  note({ serverPaging: true });
  expect(screen.queryByRole("alert")).toBeNull();
});
