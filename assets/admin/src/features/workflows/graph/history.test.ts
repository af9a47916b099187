import { describe, expect, it } from "vitest";
import { emptyHistory, redo, remember, undo } from "./history";

const typed = (values: [before: string, tag: string | null, at: number][]) =>
  values.reduce((history, [before, tag, at]) => remember(history, before, tag, at), emptyHistory<string>());

describe("history", () => {
  it("goes back and forth", () => {
    const history = typed([
      ["a", null, 0],
      ["b", null, 0],
    ]);
    const back = undo(history, "c");
    expect(back?.present).toBe("b");
    const further = back && undo(back.history, back.present);
    expect(further?.present).toBe("a");
    expect(further && undo(further.history, further.present)).toBeNull();
    const forth = further && redo(further.history, further.present);
    expect(forth?.present).toBe("b");
    expect(forth && redo(forth.history, forth.present)?.present).toBe("c");
  });

  it("merges quick changes of one kind", () => {
    const history = typed([
      ["", "name", 0],
      ["x", "name", 300],
      ["xy", "name", 600],
      ["xyz", "other", 700],
    ]);
    expect(history.past).toEqual(["", "xyz"]);
  });

  it("separates them after a pause and after an undo", () => {
    expect(
      typed([
        ["", "name", 0],
        ["x", "name", 5000],
      ]).past,
    ).toEqual(["", "x"]);
    const back = undo(typed([["", "name", 0]]), "x");
    expect(back && remember(back.history, back.present, "name", 100).past).toEqual([""]);
  });

  it("clears redo after another change", () => {
    const back = undo(typed([["a", null, 0]]), "b");
    const changed = back && remember(back.history, "a", null, 1);
    expect(changed && redo(changed, "c")).toBeNull();
  });

  it("is limited", () => {
    const many = typed(Array.from({ length: 500 }, (_, index) => [String(index), null, 0]));
    expect(many.past.length).toBe(200);
    expect(many.past.at(-1)).toBe("499");
  });
});
