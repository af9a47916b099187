import { expect, it } from "vitest";
import { rowName } from "./row-name";

it("is the name of a row, else its key, else its first value", () => {
  expect(rowName({ id: 7, customer_name: "Maya Kaya", name: "Order 7" })).toBe("Order 7");
  expect(rowName({ id: 7, customer_name: "Maya Kaya" })).toBe("Maya Kaya");
  expect(rowName({ status: "paid", id: 2631 })).toBe("2631");
  expect(rowName({ done: true, note: "", code: "A-1" })).toBe("A-1");
  expect(rowName({ done: true, note: null })).toBe("");
});
