import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { dateFormat } from "../intl";
import { isRealDay, isRealMoment, problemOfDay, readClock, readDay, readDayAndTime } from "./calendar";

describe("days", () => {
  it("that do not exist are rejected", () => {
    for (const day of ["2026-02-28", "2028-02-29", "2000-02-29", "2026-12-31", "0000-02-29", "0099-01-31"])
      expect(isRealDay(day), day).toBe(true);
    for (const day of [
      "2026-02-29",
      "2026-02-30",
      "1900-02-29",
      "2026-04-31",
      "2026-00-10",
      "2026-13-01",
      "2026-1-1",
    ])
      expect(isRealDay(day), day).toBe(false);
    for (const text of [
      "2026-02-30",
      "30.2.2026",
      "31.4.2026",
      "2/30/2026",
      "Feb 30, 2026",
      "soon",
      "20260-01-01",
    ])
      expect(readDay(text), text).toBeNull();
    for (const text of [
      "2026-02-30 10:00",
      "2026-04-31T10:00:00Z",
      "2026-01-31 24:00",
      "2026-01-31 10:60",
      "0000-00-00",
    ])
      expect(isRealMoment(text), text).toBe(false);
    for (const text of [
      "2026-01-31",
      "2026-01-31 10:00",
      "2026-01-31T10:00:00.5+02",
      "2026-01-31 10:00:00 +0200",
    ])
      expect(isRealMoment(text), text).toBe(true);
  });

  it("of unusual years are rejected", () => {
    expect(problemOfDay("2026-01-31 10:00")).toBeNull();
    for (const text of ["0215-02-06 16:36:32", "0999-12-31", "12026-01-31", "0000-00-00"])
      expect(problemOfDay(text), text).toContain("9999");
    expect(problemOfDay("2026-02-30 10:00")).toContain("2026-02-30");
    expect(problemOfDay("soon")).toBeNull();
  });
});

describe("times of the day", () => {
  it("are read with and without AM and PM", () => {
    for (const [text, time] of [
      ["16:36:32", "16:36:32"],
      ["8:05", "08:05:00"],
      ["4:36 PM", "16:36:00"],
      ["12:00 am", "00:00:00"],
      ["25:00", null],
      ["24:00", null],
      ["13:00 PM", null],
      ["10:60", null],
    ] as const)
      expect(readClock(text), text).toBe(time);
  });
});

describe.each(["en", "de"] as const)("dates in %s", (language) => {
  beforeAll(() => loadLanguage(language), 30_000);
  afterAll(() => loadLanguage("en"));

  it("are read as they are shown", () => {
    for (let month = 0; month < 12; month++) {
      const date = new Date(2026, month, 15, 16, 36);
      const day = `2026-${String(month + 1).padStart(2, "0")}-15`;
      for (const dateStyle of ["medium", "long"] as const) {
        expect(readDay(dateFormat({ dateStyle }).format(date))).toBe(day);
        const shown = dateFormat({ dateStyle: "medium", timeStyle: "short" }).format(date);
        expect(readDayAndTime(shown), shown).toEqual({ day, time: "16:36:00" });
      }
    }
  });
});
