import { expect, it } from "vitest";
import { timeTicks } from "./time-ticks";

const wall = (text: string) => Date.parse(`${text}Z`);
const ticks = (from: string, to: string, most: number) =>
  timeTicks(wall(from), wall(to), most).map((at) => new Date(at).toISOString().slice(0, 16));

it("are days at the same distance, also at the turn of a month", () => {
  expect(ticks("2026-01-20T00:00", "2026-02-18T00:00", 8)).toEqual([
    "2026-01-26T00:00",
    "2026-02-02T00:00",
    "2026-02-09T00:00",
    "2026-02-16T00:00",
  ]);
  expect(ticks("2026-01-28T00:00", "2026-02-02T00:00", 8)).toHaveLength(6);
});

it("are starts of months and years over longer times", () => {
  expect(ticks("2024-12-01T00:00", "2026-11-01T00:00", 8)).toEqual(
    ["2025-01", "2025-04", "2025-07", "2025-10", "2026-01", "2026-04", "2026-07", "2026-10"].map(
      (month) => `${month}-01T00:00`,
    ),
  );
  expect(ticks("2014-03-01T00:00", "2026-11-01T00:00", 8)).toEqual(
    [2016, 2018, 2020, 2022, 2024, 2026].map((year) => `${year}-01-01T00:00`),
  );
});

it("are full hours within a day, and none within moments", () => {
  expect(ticks("2026-01-20T08:10", "2026-01-20T13:00", 6)).toEqual(
    ["09", "10", "11", "12", "13"].map((hour) => `2026-01-20T${hour}:00`),
  );
  expect(ticks("2026-01-20T08:00", "2026-01-20T08:01", 6)).toEqual([]);
  expect(timeTicks(Infinity, -Infinity, 6)).toEqual([]);
});
