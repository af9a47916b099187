import { expect, it } from "vitest";
import { asMoments, inputOf, isRelative, momentOfInput, momentsOf, wordsOfMoments } from "./time-ranges";

const at = Date.parse("2026-03-29T00:59:30Z");
const moments = (value: unknown, zone?: string) => {
  const found = momentsOf(value, zone, at);
  return found && `${found.from}..${found.to}`;
};

// the server's tests use the same table
it("resolves ranges to moments in a time zone", () => {
  expect(moments("last-15-minutes", "UTC")).toBe("2026-03-29T00:45:00.000Z..2026-03-29T01:00:00.000Z");
  expect(moments("last-1-hours", "Europe/Berlin")).toBe("2026-03-29T00:00:00.000Z..2026-03-29T01:00:00.000Z");
  expect(moments("today", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z..2026-03-29T21:59:59.999Z");
  expect(moments("last-2-days", "UTC")).toBe("2026-03-28T00:00:00.000Z..2026-03-29T23:59:59.999Z");
  expect(moments({ from: "2026-07-01T08:30", to: "2026-07-01" }, "Europe/Berlin")).toBe(
    "2026-07-01T06:30:00.000Z..2026-07-01T21:59:59.999Z",
  );
  expect(moments({ from: "2026-07-01T08:30:00+02:00", to: "2026-07-01T08:30Z" }, "UTC")).toBe(
    "2026-07-01T06:30:00.000Z..2026-07-01T08:30:00.000Z",
  );
});

it("accepts only ranges", () => {
  expect(["last-15-minutes", "today", "last-0-hours", "last-5-seconds", ""].map(isRelative)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect([
    moments("yesterday"),
    moments(7),
    moments({ from: "x", to: "2026-01-01" }),
    asMoments(null),
  ]).toEqual([null, null, null, null]);
});

it("writes what people read and enter", () => {
  expect(wordsOfMoments("last-15-minutes")).toBe("Last 15 minutes");
  expect(wordsOfMoments("last-1-hours")).toBe("Last hour");
  expect(
    wordsOfMoments({ from: "2026-07-01T06:30:00Z", to: "2026-07-01T08:30:00Z" }, "Europe/Berlin"),
  ).toMatch(/Jul 1, 2026.*8:30.*10:30/);
  expect(inputOf("2026-07-01T06:30:00Z", "Europe/Berlin")).toBe("2026-07-01T08:30");
  expect(momentOfInput("2026-07-01T08:30", "Europe/Berlin")).toBe("2026-07-01T06:30:00.000Z");
  expect(momentOfInput("", "UTC")).toBeNull();
});
