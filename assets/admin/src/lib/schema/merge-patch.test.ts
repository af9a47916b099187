import { describe, expect, it } from "vitest";
import { applyPatch, isEqual, mergePatch } from "./merge-patch";

describe("mergePatch", () => {
  it("is empty when nothing changed", () => {
    expect(mergePatch({ a: 1, b: { c: [1, { d: 2 }] } }, { b: { c: [1, { d: 2 }] }, a: 1 })).toEqual({});
  });

  it("contains only changes, deep inside objects", () => {
    expect(mergePatch({ a: 1, o: { x: 1, y: 2 } }, { a: 1, o: { x: 1, y: 3 } })).toEqual({ o: { y: 3 } });
  });

  it("clears removed fields and keeps an explicit null", () => {
    expect(mergePatch({ o: { user: "a", type: "basic" } }, { o: { type: "none", token: null } })).toEqual({
      o: { user: null, type: "none", token: null },
    });
  });

  it("replaces lists as a whole", () => {
    expect(mergePatch({ tags: ["a", "b"] }, { tags: ["b"] })).toEqual({ tags: ["b"] });
  });
});

describe("isEqual", () => {
  it("treats an absent field as undefined, but not as null", () => {
    expect(isEqual({ a: undefined }, {})).toBe(true);
    expect(isEqual({ a: null }, {})).toBe(false);
    expect(isEqual([1], [1, undefined])).toBe(false);
  });
});

it("a patch that was made from two values turns one into the other", () => {
  const from = { a: 1, o: { x: 1, y: [1, 2] }, gone: true };
  const to = { a: 2, o: { x: 1, y: [3] }, fresh: { z: null } };
  expect(applyPatch(from, mergePatch(from, to))).toEqual({ ...to, fresh: {} });
  expect(from).toEqual({ a: 1, o: { x: 1, y: [1, 2] }, gone: true });
});
