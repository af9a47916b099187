import { describe, expect, it } from "vitest";
import type { DashboardVariable, Widget } from "@/lib/api/model";
import {
  askedVariables,
  chosenNothing,
  filteredBy,
  inTheBar,
  readVariables,
  resolveVariables,
  wordsOfValue,
  writeVariable,
  writeVariables,
} from "./variables";

const variable = (
  name: string,
  type: DashboardVariable["type"],
  standard: unknown = null,
  options: string[] = [],
): DashboardVariable => ({ name, type, default: standard, options });

const region = variable("region", "select", "EU", ["EU", "US"]);
const limit = variable("limit", "number", 10);
const since = variable("since", "date");

describe("readVariables", () => {
  it("uses defaults where the URL has no value", () => {
    expect(readVariables([region, limit, since], new URLSearchParams())).toEqual({
      region: "EU",
      limit: 10,
      since: null,
    });
  });

  it("reads each value by its type", () => {
    expect(
      readVariables([region, limit, since], new URLSearchParams("region=US&limit=2.5&since=2026-02-01")),
    ).toEqual({ region: "US", limit: 2.5, since: "2026-02-01" });
  });

  it("falls back to the default for a value of another type", () => {
    expect(
      readVariables([region, limit, since], new URLSearchParams("region=Mars&limit=many&since=yesterday")),
    ).toEqual({ region: "EU", limit: 10, since: null });
  });

  it("distinguishes a row without a value from no selection", () => {
    const search = new URLSearchParams("region=&limit=&since=");
    expect(readVariables([region, limit, since], search)).toEqual({ region: "EU", limit: null, since: null });
    expect([...chosenNothing([region, limit, since], search)]).toEqual(["limit", "since"]);
    expect(filteredBy([limit], [], { limit: null }, new Set(["limit"]))).toEqual([limit]);
    expect(askedVariables({ limit: null, since: null, region: "EU" }, new Set(["limit"]))).toEqual({
      limit: null,
      region: "EU",
    });
    expect(wordsOfValue(limit, null)).toBe("no value");
  });
});

describe("writeVariable", () => {
  it("omits defaults from the URL", () => {
    expect(writeVariable(new URLSearchParams("region=US&x=1"), region, "EU").toString()).toBe("x=1");
    expect(writeVariable(new URLSearchParams("since=2026-01-01"), since, undefined).toString()).toBe("");
    expect(writeVariable(new URLSearchParams("since=2026-01-01"), since, null).toString()).toBe("since=");
    expect(
      writeVariable(new URLSearchParams("region=US"), region, null).toString(),
      "a select with a default always has a choice",
    ).toBe("");
  });

  it("can be read back", () => {
    for (const [definition, value] of [
      [region, "US"],
      [region, "EU"],
      [limit, 0],
      [since, null],
      [since, "2026-05-06"],
    ] as const) {
      expect(readVariables([definition], writeVariable(new URLSearchParams(), definition, value))).toEqual({
        [definition.name]: value,
      });
    }
  });
});

it("sets several variables at once, and ignores unknown ones", () => {
  expect(
    writeVariables(new URLSearchParams("x=1"), [region, since], {
      region: "US",
      since: "2026-05-06",
      other: 1,
    }).toString(),
  ).toBe("x=1&region=US&since=2026-05-06");
});

it("omits variables from the bar that a widget sets", () => {
  const widgets = [
    { type: "dateRange", config: { from: "since", to: "until" } },
    { type: "table", config: { variable: "limit" } },
  ] as unknown as Widget[];
  expect(inTheBar([region, limit, since], widgets).map(({ name }) => name)).toEqual(["region", "limit"]);
});

describe("a range of days", () => {
  const period = variable("period", "dateRange", { from: "2026-01-01", to: "2026-01-31" });

  it("is written to the URL and read back", () => {
    const range = { from: "2026-02-01", to: "2026-02-28" };
    const search = writeVariable(new URLSearchParams(), period, range);
    expect(search.toString()).toBe("period=2026-02-01..2026-02-28");
    expect(readVariables([period], search)).toEqual({ period: range });
    expect(writeVariable(search, period, period.default).toString()).toBe("");
  });

  it("falls back to its default when it is not valid", () => {
    for (const wrong of ["2026-02-01", "2026-02-02..2026-02-01", "a..b"])
      expect(readVariables([period], new URLSearchParams({ period: wrong }))).toEqual({
        period: period.default,
      });
  });
});

describe("a relative range", () => {
  const period = variable("period", "dateRange", "last-30-days");

  it("is kept as it is in the URL and among the values", () => {
    const search = writeVariable(new URLSearchParams(), period, "last-12-months");
    expect(search.toString()).toBe("period=last-12-months");
    expect(readVariables([period], search)).toEqual({ period: "last-12-months" });
    expect(writeVariable(search, period, "last-30-days").toString()).toBe("");
    expect(readVariables([period], new URLSearchParams("period=some-day"))).toEqual({
      period: "last-30-days",
    });
    expect([wordsOfValue(period, "last-12-months"), wordsOfValue(region, "today")]).toEqual([
      "Last 12 months",
      "today",
    ]);
  });

  it("is sent as the days it means today", () => {
    const values = { period: "last-7-days", region: "today", since: null };
    expect(resolveVariables([period, region, since], values, new Date(2026, 2, 3, 9))).toEqual({
      period: { from: "2026-02-25", to: "2026-03-03" },
      region: "today",
      since: null,
    });
  });
});

describe("filteredBy", () => {
  it("finds values set by a click, except those equal to their default", () => {
    const table = {
      type: "table",
      config: {
        selects: [
          { variable: "region", field: "r" },
          { variable: "limit", field: "l" },
        ],
      },
    } as unknown as Widget;
    // inputs elsewhere, so that neither is in the bar
    const inputs = ["region", "limit"].map(
      (variable) => ({ type: "textInput", config: { variable } }) as unknown as Widget,
    );
    const names = (values: Record<string, unknown>) =>
      filteredBy([region, limit, since], [table, ...inputs], values).map(({ name }) => name);
    expect(names({ region: "US", limit: 10, since: "2026-01-01" })).toEqual(["region"]);
    expect(names({ region: null, limit: 20 })).toEqual(["limit"]);
    // The bar shows what it can show itself.
    expect(filteredBy([region], [table], { region: "US" })).toEqual([]);
    expect(filteredBy([region], [table], { region: null }, new Set(["region"]))).toEqual([region]);
    const hidden = { ...region, hidden: true };
    expect(filteredBy([hidden], [table], { region: null }, new Set(["region"]))).toEqual([]);
    expect(inTheBar([hidden, limit], [table])).toEqual([limit]);
  });
});

describe("variables with several values", () => {
  const status = variable("status", "multiSelect", null, ["open", "done", "failed"]);

  it("are repeated in the URL", () => {
    const written = writeVariable(new URLSearchParams("x=1"), status, ["open", "failed"]);
    expect(written.toString()).toBe("x=1&status=open&status=failed");
    expect(readVariables([status], written)).toEqual({ status: ["open", "failed"] });
    expect(readVariables([status], new URLSearchParams("status=other"))).toEqual({ status: null });
    expect(writeVariable(written, status, undefined).toString()).toBe("x=1");
    expect(wordsOfValue(status, ["open", "done"])).toBe("open, done");
  });

  it("without a selection have their default", () => {
    const chosen = variable("status", "multiSelect", ["open"], ["open", "done"]);
    expect(readVariables([chosen], new URLSearchParams("status="))).toEqual({ status: ["open"] });
    expect(writeVariable(new URLSearchParams(), chosen, ["open"]).toString()).toBe("");
  });
});

it("clears the variables whose options depend on a changed one", () => {
  const from = (name: string, on: string): DashboardVariable => ({
    ...variable(name, "select"),
    source: { queryID: "q", valueField: "v", parameters: { p: `{{ vars.${on} }}` } },
  });
  const all = [
    variable("country", "select", null, ["DE", "US"]),
    from("state", "country"),
    from("city", "state"),
  ];
  const search = new URLSearchParams("country=DE&state=BE&city=Berlin&x=1");
  expect(writeVariables(search, all, { country: "US" }).toString()).toBe("country=US&x=1");
  expect(writeVariables(search, all, { city: "Mitte" }).toString()).toBe(
    "country=DE&state=BE&city=Mitte&x=1",
  );
  expect(writeVariables(search, all, { country: "US", state: "NY" }).toString()).toBe(
    "country=US&state=NY&x=1",
  );
});
