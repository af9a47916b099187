import { expect, it } from "vitest";
import { allMet, conditionOf, conditionsOf, fits, someAllMet, type Operator } from "./conditions";

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

// The server's tests use the same table.
it.each<[given: unknown, Operator, wanted: string, met: boolean]>([
  [10, "greater", "9", true],
  ["10", "greater", "9", true],
  [9, "atLeast", "9.0", true],
  ["8.99", "atLeast", "9", false],
  ["2026-01-31", "atMost", "2026-01-31", true],
  [null, "atMost", "9", false],
  [-2, "less", "-1", true],
  ["-0.5", "less", "0", true],
  ["1e2", "equals", "100", true],
  ["9007199254740993", "equals", "9007199254740992", false],
  ["9007199254740993", "greater", "9007199254740992", true],
  [0, "equals", "0.00", true],
  ["007", "equals", "7", true],
  ["b", "greater", "A", true],
  ["2026-01-31", "less", "2026-02-01", true],
  ["2026-01-31T10:00:00Z", "greater", "2026-01-31T09:59:00Z", true],
  ["2026-01-31T10:00:00+02:00", "equals", "2026-01-31 08:00:00Z", true],
  [true, "equals", "TRUE", true],
  ["Paid in full", "contains", "PAID", true],
  [null, "equals", "", true],
  [null, "notEquals", "x", true],
  [null, "contains", "", false],
  [null, "empty", "", true],
  ["", "notEmpty", "", false],
  [0, "notEmpty", "", true],
  [[1, 2], "contains", "1,2", true],
])("compares %j as the server does: %s %s", (given, operator, wanted, met) => {
  expect(test(given, operator, wanted)).toBe(met);
});

it("requires all conditions, wherever their values are", () => {
  const open = { field: "status", operator: "equals", value: "open" };
  const region = { from: "vars", field: "region", operator: "equals", value: "EU" };
  const scope = { row: { status: "Open" }, vars: { region: "EU" }, user: {} };
  const met = (value: unknown) => allMet(conditionsOf(value), scope);
  expect([met(undefined), met(null), met([]), met(open), met([open, region])]).toEqual(Array(5).fill(true));
  expect(met([open, { ...region, value: "US" }])).toBe(false);
  expect(met({ from: "user", field: "role", operator: "notEmpty" })).toBe(false);
  expect([someAllMet([], scope), someAllMet(conditionsOf(open), scope)]).toEqual([false, true]);
});

// The server's tests use the same table.
it.each<
  [
    user: Record<string, unknown>,
    field: string,
    operator: Operator,
    wanted: string,
    met: boolean,
    prevents: boolean,
  ]
>([
  [{}, "role", "notEquals", "Viewer", false, true],
  [{}, "role", "equals", "", false, true],
  [{}, "email", "empty", "", false, true],
  [{ role: "Viewer" }, "role", "notEquals", "Viewer", false, false],
  [{ role: "Owner" }, "role", "notEquals", "Viewer", true, true],
  [{ role: "Owner" }, "email", "notEquals", "a@b.c", false, true],
  [{ name: null }, "name", "empty", "", true, true],
])("knows what is not known about a person: %j %s %s %s", (user, field, operator, value, met, prevents) => {
  const condition = { from: "user" as const, field, operator, value };
  expect([allMet([condition], { user }), someAllMet([condition], { user })]).toEqual([met, prevents]);
});
