import { describe, expect, it } from "vitest";
import { isDay, isZone, momentLabels, tickUnitOf, unitOf, wallOf } from "./moments";

const utc = (text: string) => Date.parse(`${text}Z`);

describe("wall times", () => {
  it("are what a clock in the time zone shows", () => {
    expect(wallOf("2026-03-29T00:30:00Z", "Europe/Berlin")).toBe(utc("2026-03-29T01:30:00"));
    expect(wallOf("2026-03-29T01:30:00Z", "Europe/Berlin")).toBe(utc("2026-03-29T03:30:00"));
    expect(wallOf("2026-01-01T00:00:00+05:45", "UTC")).toBe(utc("2025-12-31T18:15:00"));
  });

  it("of a day, a month, or a time without a zone are the same everywhere", () => {
    expect(wallOf("2026-01-31", "Asia/Tokyo")).toBe(utc("2026-01-31T00:00:00"));
    expect(wallOf("2026-02", "Asia/Tokyo")).toBe(utc("2026-02-01T00:00:00"));
    expect(wallOf("2026-01-31 09:15", "Asia/Tokyo")).toBe(utc("2026-01-31T09:15:00"));
    expect(wallOf("2026-01-31T00:00:00Z", "America/New_York", true)).toBe(utc("2026-01-31T00:00:00"));
  });

  it("are none of anything else", () => {
    for (const value of ["2026-02-31", "2026-13", "today", "12", 5, null, "2026-01-31T25:00:00"])
      expect(wallOf(value, "UTC"), String(value)).toBeNull();
    expect([isDay("2026-01-31"), isDay("2026-01-31T00:00:00Z"), isDay("2026-01-31T00:00:00+02:00")]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isZone("Europe/Berlin"), isZone("Nowhere"), isZone(null)]).toEqual([true, false, false]);
  });
});

describe("labels on an axis", () => {
  const labels = (...days: string[]) => {
    const walls = days.map((day) => wallOf(day, "UTC") ?? 0);
    return walls.map(momentLabels(unitOf(walls), walls));
  };

  it("are as short as they can be, by one rule", () => {
    expect(labels("2025-01-01", "2026-01-01")).toEqual(["2025", "2026"]);
    expect(labels("2026-02", "2026-03")).toEqual(["Feb 2026", "Mar 2026"]);
    expect(labels("2026-08-31", "2026-09-07")).toEqual(["Aug 31", "Sep 7"]);
    expect(labels("2025-12-29", "2026-01-05")).toEqual(["Dec 29, 2025", "Jan 5, 2026"]);
    expect(labels("2026-03-01T09:00", "2026-03-01T10:30")).toEqual(["09:00 AM", "10:30 AM"]);
  });

  it("of ticks depend on the length of the axis", () => {
    const days = (count: number) => tickUnitOf(0, count * 86_400_000);
    expect([days(1), days(30), days(365), days(4000)]).toEqual(["minute", "day", "month", "year"]);
  });
});
