import { expect, it } from "vitest";
import { toneOfWord } from "./tones";

it("gives the statuses of an order a color each", () => {
  const statuses = ["new", "pending", "shipped", "completed", "refunded", "cancelled"];
  expect(new Set(statuses.map(toneOfWord)).size).toBe(statuses.length);
  const german = ["neu", "ausstehend", "versandt", "geliefert", "erstattet", "storniert"];
  expect(german.map(toneOfWord)).toEqual(statuses.map(toneOfWord));
});
