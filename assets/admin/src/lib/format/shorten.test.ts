import { expect, it } from "vitest";
import { shorten } from "./shorten";

it("keeps both ends of a long text, and a short text as it is", () => {
  expect(shorten("Customer with a rather long name 12", 20)).toBe("Customer wit…name 12");
  expect(shorten("Customer 12", 11)).toBe("Customer 12");
  expect([...shorten("🍵".repeat(30), 11)]).toHaveLength(11);
});
