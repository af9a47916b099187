import { expect, test } from "vitest";
import { newID } from "./new-id";

test("an ID is a random UUID", () => {
  expect(newID()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(newID()).not.toBe(newID());
});
