import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRelative,
  formatStorage,
  formatTime,
  initials,
} from "./format";

describe("in German", () => {
  beforeAll(() => loadLanguage("de"), 30_000);
  afterAll(() => loadLanguage("en"));

  it("times are relative, and numbers have a comma", () => {
    const now = Date.parse("2026-01-10T12:00:00Z");
    const told = [
      "2026-01-09T11:00:00Z",
      "2026-01-07T12:00:00Z",
      "2026-01-10T11:55:00Z",
      "2026-01-10T14:00:00Z",
      "2026-01-12T12:00:00Z",
    ].map((time) => formatRelative(time, now));
    expect(told).toEqual(["vor 1 Tag", "vor 3 Tagen", "vor 5 min", "in 2 h", "in 2 Tagen"]);
    expect([formatDuration(1250), formatDuration(90_000_000), formatBytes(1_500_000)]).toEqual([
      "1,25 s",
      "1 T 1 h",
      "1,5 MB",
    ]);
  });
});

describe("formatDuration", () => {
  it.each([
    [0.42, "0.42 ms"],
    [41.4, "41 ms"],
    [1250, "1.25 s"],
    [12_340, "12.3 s"],
    [185_000, "3 min 5 s"],
    [120_000, "2 min"],
    [7_800_000, "2 h 10 min"],
    [90_000_000, "1 d 1 h"],
    [NaN, "–"],
  ])("says %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("formatRelative", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  it.each([
    ["2026-03-01T11:59:58Z", "just now"],
    ["2026-03-01T11:59:20Z", "40 s ago"],
    ["2026-03-01T11:15:00Z", "45 min ago"],
    ["2026-03-01T14:00:00Z", "in 2 h"],
    ["2026-02-26T12:00:00Z", "3 days ago"],
  ])("says %s as %s", (time, text) => {
    expect(formatRelative(time, now)).toBe(text);
  });

  it("shows the date when it was long ago", () => {
    expect(formatRelative("2024-01-05T12:00:00Z", now)).toContain("2024");
  });
});

describe("formatTime", () => {
  it("includes the time zone", () => {
    expect(formatTime("2026-03-01T12:00:00Z", "UTC")).toContain("UTC");
  });

  it("shows an invalid time unchanged", () => {
    expect(formatTime("soon")).toBe("soon");
  });
});

it("counts with the right noun", () => {
  expect([
    formatCount(1, "query", "queries"),
    formatCount(0, "query", "queries"),
    formatCount(2, "widget"),
  ]).toEqual(["1 query", "0 queries", "2 widgets"]);
});

it("formats bytes with a unit", () => {
  expect([formatBytes(0), formatBytes(999), formatBytes(1500), formatBytes(32_000_000)]).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "32 MB",
  ]);
});

it("formats stored sizes in the units of the server", () => {
  expect([
    formatStorage(1023),
    formatStorage(1536),
    formatStorage(536_870_912),
    formatStorage(2 ** 50),
  ]).toEqual(["1023 B", "1.5 KiB", "512 MiB", "1024 TiB"]);
});

it("derives initials from names and addresses", () => {
  expect([initials("Ada Example"), initials("ada.example@x.org"), initials("Ø"), initials("")]).toEqual([
    "AE",
    "AE",
    "Ø",
    "",
  ]);
});
