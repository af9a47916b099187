import { afterEach, expect, it, vi } from "vitest";
import { learnClock, now } from "./clock";
import { formatRelative } from "../format";

afterEach(() => {
  vi.useRealTimers();
  learnClock(new Date().toUTCString(), Date.now());
});

it("compares times with the server's clock", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
  const server = Date.UTC(2026, 0, 1, 12, 3);
  expect(formatRelative(new Date(server), now())).toBe("in 3 min");
  learnClock(new Date(server).toUTCString(), Date.now() - 100);
  expect(Math.abs(now() - server)).toBeLessThan(1500);
  expect(formatRelative(new Date(server), now())).toBe("just now");
});

it("does not adjust a clock that is right, and ignores invalid dates", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 0, 900) });
  learnClock(new Date().toUTCString(), Date.now() - 3000);
  learnClock(null, Date.now());
  learnClock("yesterday", Date.now());
  expect(now()).toBe(Date.now());
});
