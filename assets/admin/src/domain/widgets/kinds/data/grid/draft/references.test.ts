import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { createReferences, isRefused, meaningOf, type FindRows } from "./references";

const people = [
  { value: 1, label: "Ada" },
  { value: 2, label: "Bob" },
  { value: 3, label: "bob" },
  { value: 5, label: "7" },
  { value: 7, label: "Eve" },
  { value: "9007199254740993", label: "Zoe" },
];

beforeAll(() => loadLanguage("en"));

describe("what a text means in a column that refers to rows", () => {
  it("is a label or a key that only one row has", () => {
    for (const [text, key] of [
      ["Ada", 1],
      ["ADA", 1],
      ["1", 1],
      ["Bob", 2],
      ["bob", 3],
      ["5", 5],
      ["9007199254740993", "9007199254740993"],
    ] as const)
      expect(meaningOf(text, people, false), text).toBe(key);
  });

  it("is refused with the reason if no row has it, or several", () => {
    for (const [text, reason] of [
      ["Nobody", "No row has the label or the key “Nobody”."],
      ["BOB", "“BOB” could mean 2 rows: select one of them, or paste its key."],
      ["7", "“7” could mean 2 rows: select one of them, or paste its key."],
    ] as const)
      expect(meaningOf(text, people, false), text).toEqual({ refused: text, why: reason });
    expect(isRefused(meaningOf("Ada", people, true))).toBe(true);
  });
});

describe("the rows that a column refers to", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("are loaded once, together, and only for keys that are shown", async () => {
    const find = vi.fn<FindRows>(async ({ values = [] }) => ({
      choices: people.filter(({ value }) => values.includes(value)),
      more: false,
    }));
    const changed = vi.fn();
    const references = createReferences("owner", find, changed);
    references.load([1, 2, null]);
    references.load([2, 99, undefined]);
    await vi.runAllTimersAsync();
    expect(find.mock.calls.map(([{ values }]) => values)).toEqual([[1, 2, 99]]);
    expect([1, 2, 99].map(references.labelOf)).toEqual(["Ada", "Bob", undefined]);
    expect(changed).toHaveBeenCalledTimes(1);
    references.load([1, 99]);
    await vi.runAllTimersAsync();
    expect(find).toHaveBeenCalledTimes(1);
    references.load([1], "reloaded");
    await vi.runAllTimersAsync();
    expect(find.mock.calls.at(-1)?.[0].values, "another label").toEqual([1]);
    references.load(
      Array.from({ length: 1200 }, (_, at) => 1000 + at),
      "reloaded",
    );
    await vi.runAllTimersAsync();
    expect(find.mock.calls.slice(2).map(([{ values }]) => values?.length)).toEqual([500, 500, 200]);
  });

  it("stay keys if they cannot be loaded", async () => {
    const references = createReferences("owner", () => Promise.reject(new Error("gone")), vi.fn());
    references.load([1]);
    await vi.runAllTimersAsync();
    expect(references.labelOf(1)).toBeUndefined();
  });

  it("are found in smaller parts if there are too many at once", async () => {
    const find = vi.fn<FindRows>(async ({ texts = [] }) => ({
      choices: people.filter(({ label }) => texts.includes(label)),
      more: texts.length > 1 || texts[0] === "Eve",
    }));
    const found = await createReferences("owner", find, vi.fn()).resolve(["Ada", "Zoe", "Eve", "Ada"]);
    expect(found.get("Ada")).toBe(1);
    expect(found.get("Zoe")).toBe("9007199254740993");
    expect(isRefused(found.get("Eve"))).toBe(true);
  });
});
