import { expect, it } from "vitest";
import { choiceFilter } from "./choice-filter";

const options = Array.from({ length: 300 }, (_, index) => ({
  value: String(index),
  label: `Customer ${index}`,
}));
const labels = (filter: ReturnType<typeof choiceFilter>, search: string, of = options) =>
  (filter({ options: of, search, limit: Infinity }) as { label: string; disabled?: boolean }[]).map(
    ({ label, disabled }) => (disabled ? `(${label})` : label),
  );

it("lists what contains the search, and says when there is more", () => {
  const all = labels(choiceFilter({ more: false }), "");
  expect([all.length, all.at(-1)]).toEqual([201, "(Showing the first 200. Type to search.)"]);
  expect(labels(choiceFilter({ more: false }), "customer 29")).toEqual([
    "Customer 29",
    ...Array.from({ length: 10 }, (_, index) => `Customer 29${index}`),
  ]);
  expect(labels(choiceFilter({ more: true }), "", options.slice(0, 2)).at(-1)).toMatch(/first 2\./);
});

it("keeps the server's results unchanged, and an empty list empty", () => {
  expect(labels(choiceFilter({ more: false, searched: true }), "c1", options.slice(0, 2))).toEqual([
    "Customer 0",
    "Customer 1",
  ]);
  expect(labels(choiceFilter({ more: false, searched: true, kept: "1" }), "c1", options.slice(0, 2))).toEqual(
    ["Customer 0"],
  );
  expect(labels(choiceFilter({ more: true }), "nobody")).toEqual([]);
});
