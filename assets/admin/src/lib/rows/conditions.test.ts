import { expect, it } from "vitest";
import { conditionOf, fits, type Operator } from "./conditions";

const test = (given: unknown, operator: Operator, value = "") =>
  fits({ field: "a", operator, value }, { a: given });

it("compares numbers as numbers, dates as dates, and the rest as text", () => {
  expect([test(9, "less", "10"), test("9", "less", "10"), test("b", "greater", "A")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([
    test("2026-02-01T00:00:00Z", "greater", "2026-01-31"),
    test("2026-01-01", "equals", "2026-01-01"),
  ]).toEqual([true, true]);
  expect([
    test("Pending", "equals", "pending"),
    test(true, "equals", "true"),
    test(1.0, "notEquals", "1"),
  ]).toEqual([true, true, false]);
});

it("finds nothing in empty values", () => {
  for (const empty of [null, undefined, ""]) {
    expect([
      test(empty, "empty"),
      test(empty, "notEmpty"),
      test(empty, "less", "1"),
      test(empty, "contains", ""),
      test(empty, "notEquals", "x"),
    ]).toEqual([true, false, false, false, true]);
  }
  expect(test(0, "empty")).toBe(false);
});

it("rejects conditions without a column or with an unknown operator", () => {
  expect([
    conditionOf({ operator: "empty" }),
    conditionOf({ field: "a", operator: "regex" }),
    conditionOf("x"),
    conditionOf(null),
  ]).toEqual([null, null, null, null]);
  expect(conditionOf({ field: "a", operator: "empty" })).toEqual({
    field: "a",
    operator: "empty",
    value: "",
  });
});
