import { expect, it } from "vitest";
import { safeNext } from "./next";

it.each([
  ["/t/1/widgets?q=x", "/t/1/widgets?q=x"],
  ["https://evil.example", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["javascript:alert(1)", "/"],
  [null, "/"],
])("goes from %s to %s", (given, target) => {
  expect(safeNext(given)).toBe(target);
});
