import { expect, it } from "vitest";
import { asDate, asNumber, formatFigure, formatMark, formatTick, isCodeName } from "./figures";

it("reads numbers, also exact ones that arrived as text", () => {
  expect([
    asNumber(3),
    asNumber("12.50"),
    asNumber("-1e3"),
    asNumber("12 apples"),
    asNumber(""),
    asNumber(null),
    asNumber(Number.NaN),
  ]).toEqual([3, 12.5, -1000, null, null, null, null]);
});

it("reads a date without a time as that day, in every time zone", () => {
  const day = asDate("2026-03-01");
  expect([day?.getFullYear(), day?.getMonth(), day?.getDate()]).toEqual([2026, 2, 1]);
  expect(asDate("2026-03-01T10:00:00Z")?.toISOString()).toBe("2026-03-01T10:00:00.000Z");
  expect([asDate("March"), asDate("2026"), asDate(5)]).toEqual([null, null, null]);
});

it("formats values", () => {
  expect(formatFigure(1234.5, { format: "currency", currency: "EUR" })).toMatch(/1.234.50/);
  expect(formatFigure(0.021, { format: "percent" })).toMatch(/^2.1\s?%$/);
  expect(formatFigure("12.50")).toBe("12.50");
  expect(formatFigure(1234567)).toMatch(/1.234.567/);
  expect(formatFigure("2026-03-01", { format: "date" })).toMatch(/2026/);
  expect(formatFigure(null)).toBe("–");
  expect(formatFigure({ a: 1 })).toBe('{"a":1}');
});

it("shortens axis labels, and keeps close ones distinct", () => {
  expect(formatTick(12400)).toMatch(/^12.4/);
  expect([formatTick(1.052), formatTick(1.054)].map((text) => text.replace(/\D/, "."))).toEqual([
    "1.052",
    "1.054",
  ]);
  expect(formatTick(0.0215, { format: "percent" })).toMatch(/^2.15\s?%$/);
});

it("rounds large values beside marks to four digits", () => {
  expect([1_594_323, 531_441, 210.5].map((value) => formatMark(value).replace(",", "."))).toEqual([
    expect.stringMatching(/^1\.594\D/),
    expect.stringMatching(/^531\.4\D/),
    "210.5",
  ]);
});

it("shows the value even when the currency is invalid", () => {
  expect(formatFigure(5, { format: "currency", currency: "EURO" })).toMatch(/5.00/);
  expect(formatTick(12400, { format: "currency", currency: "??" })).toMatch(/12.4/);
});

it("formats every digit of an exact number", () => {
  expect(formatFigure("12345678901234567890.25", { format: "number" }).replace(/\D/g, "")).toBe(
    "1234567890123456789025",
  );
  expect(
    formatFigure("12345678901234567890", { format: "currency", currency: "EUR" }).replace(/\D/g, ""),
  ).toBe("1234567890123456789000");
});

it("formats ids and years without separators, unless a format is set", () => {
  expect(["id", "order_id", "userID", "Year", "order year", "plz"].map(isCodeName)).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(["paid", "amount", "yearly", "valid", "identity"].map(isCodeName)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect([formatFigure(2024, { plain: true }), formatTick(2024, { plain: true })]).toEqual(["2024", "2024"]);
  expect(formatFigure(2024, { plain: true, format: "number" })).toMatch(/2.024/);
});
