import { expect, test } from "vitest";
import { freeFileName } from "./file-names";

test("a number goes before the ending", () => {
  expect(freeFileName("sales.csv", new Set(["sales.csv"]))).toBe("sales (2).csv");
  expect(freeFileName("sales.csv", new Set(["sales.csv", "sales (2).csv"]))).toBe("sales (3).csv");
  expect(freeFileName("sales.2026.csv", new Set())).toBe("sales.2026 (2).csv");
});

test("a name without an ending gets the number at its end", () => {
  expect(freeFileName("sales", new Set())).toBe("sales (2)");
});
