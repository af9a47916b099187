import { describe, expect, it } from "vitest";
import { asRange, dayOf, daysOf, lastDays, wordsOfRange } from "./date-ranges";

const on = (day: string) => {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date, 12);
};
const days = (range: string, today: string) => {
  const found = daysOf(range, on(today));
  return found && `${found.from}..${found.to}`;
};

it("resolves the days up to today", () => {
  const today = new Date(2026, 2, 1);
  expect([dayOf(today), lastDays(7, today), lastDays(1, today)]).toEqual([
    "2026-03-01",
    ["2026-02-23", "2026-03-01"],
    ["2026-03-01", "2026-03-01"],
  ]);
});

describe("daysOf", () => {
  // The server resolves the same ranges with the same table.
  it.each([
    ["today", "2026-03-31", "2026-03-31..2026-03-31"],
    ["last-7-days", "2026-03-03", "2026-02-25..2026-03-03"],
    ["last-1-days", "2026-03-03", "2026-03-03..2026-03-03"],
    ["last-2-weeks", "2026-01-05", "2025-12-23..2026-01-05"],
    ["last-1-months", "2026-03-31", "2026-03-01..2026-03-31"],
    ["last-12-months", "2024-02-29", "2023-03-01..2024-02-29"],
    ["this-month", "2024-02-10", "2024-02-01..2024-02-29"],
    ["this-month", "2026-12-31", "2026-12-01..2026-12-31"],
    ["last-month", "2026-01-31", "2025-12-01..2025-12-31"],
    ["last-month", "2026-03-31", "2026-02-01..2026-02-28"],
    ["this-year", "2026-07-01", "2026-01-01..2026-12-31"],
  ])("takes %s on %s for %s", (range, today, expected) => expect(days(range, today)).toBe(expected));

  it("rejects other texts", () => {
    for (const wrong of [
      "",
      "tomorrow",
      "last-0-days",
      "last-07-days",
      "last-1001-days",
      "last-7-years",
      "last-7",
      "Today",
      "last-7-days ",
    ])
      expect(days(wrong, "2026-01-01")).toBeNull();
  });
});

it("reads two dates and nothing less", () => {
  expect(asRange({ from: "2026-01-01", to: "2026-01-31" })).toEqual({ from: "2026-01-01", to: "2026-01-31" });
  for (const wrong of [null, "last-7-days", { from: "2026-01-01" }, { from: "a", to: "b" }])
    expect(asRange(wrong)).toBeNull();
});

it("formats a range", () => {
  expect(
    ["today", "last-30-days", "last-2-weeks", "last-12-months", "this-year", "other"].map(wordsOfRange),
  ).toEqual(["Today", "Last 30 days", "Last 2 weeks", "Last 12 months", "This year", "other"]);
  expect(wordsOfRange({ from: "2026-01-01", to: "2026-01-31" })).toMatch(/Jan.*31.*2026/);
  expect(wordsOfRange(null)).toBe("");
});
