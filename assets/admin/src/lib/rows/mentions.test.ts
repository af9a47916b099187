import { expect, test } from "vitest";
import { mentions } from "./mentions";

test("a text is found at any depth, but not as a part of another", () => {
  const config = { action: { values: [{ queryID: "q1" }] } };
  expect(mentions(config, new Set(["q1"]))).toBe(true);
  expect(mentions(config, new Set(["q"]))).toBe(false);
  expect(mentions(null, new Set(["q1"]))).toBe(false);
});
