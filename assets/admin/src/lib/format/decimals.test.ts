import { expect, it } from "vitest";
import { addNumbers, canonical, compareNumbers, isNumber, sumOf } from "./decimals";

it("adds decimals exactly, also beyond the precision of a double", () => {
  expect([addNumbers(0.1, 0.2), addNumbers("10.50", 1), addNumbers(-3, 5)]).toEqual([0.3, 11.5, 2]);
  expect(addNumbers("9007199254740993", "1")).toBe(9007199254740994);
  expect(addNumbers("9007199254740992", 1)).toBe("9007199254740993");
  expect(addNumbers("12345678901234567890.12", "0.01")).toBe("12345678901234567890.13");
  expect(addNumbers("-0.5", "0.25")).toBe(-0.25);
});

it("orders numbers by value, however they are written", () => {
  const values = [
    "10.50",
    "9007199254740993",
    "10.3333333333333333",
    -9.5,
    "-10.33",
    "9007199254740992",
    7,
    "1e1",
  ];
  expect([...values].sort(compareNumbers)).toEqual([
    "-10.33",
    -9.5,
    7,
    "1e1",
    "10.3333333333333333",
    "10.50",
    "9007199254740992",
    "9007199254740993",
  ]);
});

it("recognizes one amount in several spellings", () => {
  expect([10, "10.0", "1e1", "010", "+10"].map(canonical)).toEqual(["10", "10", "10", "10", "10"]);
  expect([0, -0, "-0.0", "0e5"].map(canonical)).toEqual(["0", "0", "0", "0"]);
  expect(canonical("9007199254740993")).not.toBe(canonical("9007199254740992"));
});

it("does not write out huge exponents", () => {
  expect(isNumber("1e9999")).toBe(true);
  expect([canonical("1e9999"), canonical("1e-9999"), addNumbers("1e9999", 1)]).toEqual([
    "Infinity",
    "0",
    Infinity,
  ]);
});

it("sums numbers, and returns null without any", () => {
  expect([sumOf([1, null, "2.5", "n/a"]), sumOf([null, "x"]), sumOf([])]).toEqual([3.5, null, null]);
});
