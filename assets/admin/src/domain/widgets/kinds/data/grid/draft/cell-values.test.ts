import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { inputText, isSame, printValue, problemOf, readValue } from "./cell-values";
import type { Entry } from "./grid-fields";

const field = (entry: Entry, more: object = {}) => ({ entry, choices: [], sample: null, type: "", ...more });

describe("values of cells", () => {
  it("keep every digit and their type", () => {
    for (const [entry, text, value] of [
      ["number", "12.50", 12.5],
      ["number", " 9007199254740993 ", "9007199254740993"],
      ["number", "12345678901234567890.1234567891", "12345678901234567890.1234567891"],
      ["number", "1,234.5", 1234.5],
      ["number", "", null],
      ["number", "abc", "abc"],
      ["checkbox", "TRUE", true],
      ["checkbox", "0", false],
      ["date", "31.1.2026", "2026-01-31"],
      ["date", "2026-01-31", "2026-01-31"],
      ["time", "10:30", "10:30"],
      ["json", '{"id": 9007199254740993}', '{"id": 9007199254740993}'],
      ["text", " 0012 ", " 0012 "],
      ["text", "", null],
      ["longText", "", null],
    ] as const)
      expect(readValue(field(entry), text), `${entry} ${text}`).toEqual(value);
  });

  it("are no value if a text is cleared, unless the column or the cell has empty texts", () => {
    expect(readValue(field("text"), "", "Lamp")).toBeNull();
    expect(readValue(field("text"), "", "")).toBe("");
    expect(readValue(field("text", { emptyText: true }), "", "Lamp")).toBe("");
    expect(readValue(field("number", { emptyText: true }), "", 1)).toBeNull();
  });

  it("that cannot be saved are named", () => {
    for (const [entry, value] of [
      ["number", "abc"],
      ["checkbox", "maybe"],
      ["date", "2026-13-45"],
      ["datetime", "soon"],
      ["time", "25"],
      ["json", "{a: 1}"],
    ] as const)
      expect(problemOf(field(entry), value), `${entry} ${value}`).not.toBeNull();
    for (const entry of ["number", "date", "json", "text"] as const)
      expect(problemOf(field(entry), null)).toBeNull();
    expect(problemOf(field("text", { choices: ["new", "done"] }), "other")).not.toBeNull();
    expect(problemOf(field("text", { choices: ["new", "done"] }), "done")).toBeNull();
  });

  it("of moments keep the form of their column", () => {
    const zoned = field("datetime", { sample: "2026-01-31T10:11:12Z" });
    const moment = readValue(zoned, "2026-03-01 08:00");
    expect(new Date(String(moment)).toISOString()).toBe(String(moment).replace("Z", ".000Z"));
    expect(printValue(zoned, moment)).toBe("2026-03-01 08:00:00");
    expect(readValue(field("datetime", { sample: "2026-01-31 10:11:12" }), "2026-03-01T08:00")).toBe(
      "2026-03-01 08:00:00",
    );
    expect(readValue(field("datetime", { sample: "2026-01-31T10:11:12" }), "1.3.2026 8:00")).toBe(
      "2026-03-01T08:00:00",
    );
    expect(inputText(zoned, moment)).toBe("2026-03-01T08:00:00");
  });

  it("that are no date of the calendar stay text that cannot be saved", () => {
    const moment = field("datetime", { sample: "2026-01-31T10:11:12Z" });
    const plain = field("datetime", { sample: "2026-01-31 10:11:12" });
    for (const [column, text] of [
      [field("date"), "2026-02-30"],
      [field("date"), "30.2.2026"],
      [field("date"), "0215-02-06"],
      [field("date"), "20260-02-06"],
      [plain, "2026-02-30"],
      [plain, "2026-04-31 10:00"],
      [plain, "2026-01-31 25:00"],
      [plain, "0215-02-06 16:36:32"],
      [moment, "2026-04-31 10:00"],
      [moment, "2026-02-30T10:00:00Z"],
      [moment, "20260-01-31 10:00"],
      [field("time"), "10:75"],
      [field("time"), "13:00 PM"],
    ] as const) {
      expect(readValue(column, text), text).toBe(text);
      expect(problemOf(column, text), text).not.toBeNull();
    }
    expect(problemOf(plain, "2026-04-31 10:00")).toContain("2026-04-31");
  });

  it("are entered as their cells show them", () => {
    const plain = field("datetime", { sample: "2026-01-31 10:11:12" });
    expect(readValue(plain, "2026-02-15")).toBe("2026-02-15 00:00:00");
    expect(readValue(plain, "Dec 2, 2026, 4:36 PM")).toBe("2026-12-02 16:36:00");
    expect(readValue(field("date"), "Dec 2, 2026")).toBe("2026-12-02");
    expect(readValue(field("time"), "4:36 PM")).toBe("16:36:00");
    const format = { isDeclared: true, text: () => "Jan 31, 2026, 10:11 AM" };
    const declared = { ...plain, format } as never;
    expect(readValue(declared, "Jan 31, 2026, 10:11 AM", "2026-01-31 10:11:12")).toBe("2026-01-31 10:11:12");
  });

  it("are not changed by opening and confirming their editor", () => {
    for (const value of ["2026-01-31T10:11:12.123456Z", "2026-01-31T10:11:12Z", "0000-00-00"]) {
      const one = field("datetime");
      expect(readValue(one, printValue(one, value), value)).toBe(value);
    }
  });

  it("are the same however they are written", () => {
    expect(isSame({ entry: "number" }, 12.5, "12.50")).toBe(true);
    expect(isSame({ entry: "number" }, "9007199254740993", "9007199254740992")).toBe(false);
    expect(isSame({ entry: "checkbox" }, 1, true)).toBe(true);
    expect(isSame({ entry: "text" }, "", null)).toBe(false);
    expect(isSame({ entry: "json" }, { a: 1 }, { a: 1 })).toBe(true);
  });
});

describe("numbers in German", () => {
  beforeAll(() => loadLanguage("de"), 30_000);
  afterAll(() => loadLanguage("en"));
  const number = field("number");

  it("have a decimal comma, in cells and when entered", () => {
    expect(printValue(number, 499.95)).toBe("499,95");
    expect(printValue(number, "12345678901234567890.25")).toBe("12345678901234567890,25");
    for (const [text, value] of [
      ["499,95", 499.95],
      ["1.149,50", 1149.5],
      ["1.149.000", 1_149_000],
      ["499.95", 499.95],
      ["0.125", 0.125],
      ["1149", 1149],
      ["12345678901234567890,25", "12345678901234567890.25"],
    ] as const)
      expect(readValue(number, text), text).toBe(value);
  });

  it("that could be two are refused", () => {
    const value = readValue(number, "1.149");
    expect(problemOf(number, value)).toContain("1149");
    expect(problemOf(number, value)).toContain("1,149");
    expect(readValue(number, printValue(number, 1.149))).toBe(1.149);
    expect(problemOf(number, 1.149)).toBeNull();
  });
});
