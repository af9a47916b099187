import { expect, it } from "vitest";
import { emptyUndo, redo, remember, undo, type Undo } from "./undo";

it("goes back and forth without losing a step", () => {
  const steps: Undo<string> = remember(remember<string>(emptyUndo, "a"), "b");
  const back = undo(steps, "c");
  expect(back).toEqual({ value: "b", undo: { past: ["a"], future: ["c"] } });
  expect(back && redo(back.undo, back.value)).toEqual({ value: "c", undo: { past: ["a", "b"], future: [] } });
});

it("clears redo after a new change", () => {
  expect(remember({ past: ["a"], future: ["c"] }, "b")).toEqual({ past: ["a", "b"], future: [] });
});

it("ends on both sides, and keeps the last hundred steps", () => {
  expect(undo(emptyUndo, "x")).toBeNull();
  expect(redo(emptyUndo, "x")).toBeNull();
  let steps: Undo<number> = emptyUndo;
  for (let step = 0; step < 150; step += 1) steps = remember(steps, step);
  expect([steps.past.length, steps.past[0], steps.past.at(-1)]).toEqual([100, 50, 149]);
});
