import { describe, expect, it } from "vitest";
import { askedParameters, countParameters, isFirstPage, readyFilters, serverTableOf } from "./table-ask";

const config = {
  serverPaging: true,
  server: {
    search: "q",
    sort: "by",
    direction: "dir",
    limit: "n",
    offset: "from",
    sortable: ["name", 7],
    filters: [{ field: "status", operator: "equals", parameter: "is", options: ["new"] }, { field: "x" }],
    countQueryID: "count",
  },
};
const ask = {
  page: 2,
  search: "lamp",
  sort: "name",
  direction: "desc" as const,
  filters: [{ field: "status", operator: "equals" as const, value: "new" }],
};

describe("a table of the server", () => {
  it("is read from a config, without invalid parts", () => {
    const server = serverTableOf(config);
    expect(server?.sortable).toEqual(["name"]);
    expect(server?.filters).toEqual([
      { field: "status", operator: "equals", parameter: "is", options: ["new"] },
    ]);
    expect(serverTableOf({ ...config, serverPaging: false })).toBeNull();
    expect(serverTableOf({ serverPaging: true })).toBeNull();
  });

  it("fills the parameters of its queries", () => {
    const server = serverTableOf(config);
    if (!server) throw new Error("no server table");
    const parameters = askedParameters(server, ask, 10);
    expect(parameters).toEqual({ q: "lamp", by: "name", dir: "desc", n: 10, from: 20, is: "new" });
    expect(countParameters(server, { ...parameters, region: "EU" })).toEqual({
      q: "lamp",
      is: "new",
      region: "EU",
    });
  });

  it("knows the first page", () => {
    expect(isFirstPage({ page: 0, search: "", sort: null, direction: null, filters: [] })).toBe(true);
    expect(isFirstPage({ ...ask, page: 0 })).toBe(false);
  });

  it("ignores filters without a value", () => {
    expect(readyFilters([{ field: "a", operator: "equals", value: " " }, ...ask.filters])).toEqual(
      ask.filters,
    );
  });
});
