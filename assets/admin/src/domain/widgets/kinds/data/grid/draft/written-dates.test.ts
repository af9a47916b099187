import { describe, expect, it } from "vitest";
import { entryOfDates, entryOfTexts } from "./written-dates";

describe("texts", () => {
  it("are dates if all of them are, in the same form", () => {
    for (const [values, entry] of [
      [["2026-01-31", "1999-12-01"], "date"],
      [["2026-01-31 10:00", "2026-02-01 23:59"], "datetime"],
      [["2026-01-31T10:00:00.5", "2026-02-01T10:00:00"], "datetime"],
      [["2026-01-31T10:00:00Z"], "datetime"],
      [["2026-01-31", "soon"], null],
      [["2026-01-31", ""], null],
      [["2026-01-31", "2026-02-30"], null],
      [["2026-01-31", "2026-02-01 10:00"], null],
      [["2026-01-31 10:00", "2026-01-31T10:00"], null],
      [["2026-01-31T10:00:00+02:00"], null],
      [["2026-01-31", 5], null],
      [["31.1.2026"], null],
      [[], null],
    ] as const)
      expect(entryOfTexts(values), JSON.stringify(values)).toBe(entry);
  });
});

describe("columns that are declared as dates", () => {
  it("are text if a value is no date", () => {
    for (const [type, values, entry] of [
      ["date", [], "date"],
      ["timestamp", [], "datetime"],
      ["datetime", ["2026-01-31 10:00:00"], "datetime"],
      ["datetime", ["2026-01-31"], "date"],
      ["date", ["2026-01-31 10:00:00"], "datetime"],
      ["date", ["2026-01-31", "infinity"], "date"],
      ["timestamptz", ["2026-01-31T10:00:00Z", "infinity"], "datetime"],
      ["timestamp", ["2026-01-31T10:00:00+02:00"], "datetime"],
      ["date", ["0044-03-15 BC"], "date"],
      ["datetime", [1769853600], "text"],
      ["date", ["2026-01-31", "soon"], "text"],
    ] as const)
      expect(entryOfDates(type, values), `${type} ${JSON.stringify(values)}`).toBe(entry);
  });
});
