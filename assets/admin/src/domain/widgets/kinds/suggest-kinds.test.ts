import { expect, test } from "vitest";
import type { Column } from "@/lib/api/model";
import { suggestKinds } from "./suggest-kinds";

const kindsOf = (rows: Record<string, unknown>[]) =>
  suggestKinds(
    Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "" }) as unknown as Column),
    rows,
  );

test("one number is shown as a number", () => {
  expect(kindsOf([{ total: 12.5 }])[0]).toBe("number");
});

test("one row with many fields is shown field by field", () => {
  expect(kindsOf([{ name: "Ada", city: "Bonn", plan: "pro" }])[0]).toBe("keyValue");
});

test("numbers over time are a line", () => {
  expect(
    kindsOf([
      { day: "2026-01-01", orders: 3 },
      { day: "2026-01-02", orders: 5 },
    ])[0],
  ).toBe("line");
});

test("numbers by category are bars, and a few of them may be a pie", () => {
  const found = kindsOf([
    { plan: "pro", customers: 3 },
    { plan: "free", customers: 9 },
  ]);
  expect(found[0]).toBe("bar");
  expect(found).toContain("pie");
});

test("places are a map, and records are a table", () => {
  expect(
    kindsOf([
      { city: "Bonn", latitude: 50.7, longitude: 7.1 },
      { city: "Rom", latitude: 41.9, longitude: 12.5 },
    ])[0],
  ).toBe("map");
  expect(
    kindsOf([
      { id: 1, name: "a", city: "b", plan: "c" },
      { id: 2, name: "d", city: "e", plan: "f" },
    ])[0],
  ).toBe("table");
});
