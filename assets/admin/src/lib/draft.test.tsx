import { act, renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useDraft, useRowIds } from "./draft";

const jsonDraft = (start: unknown) => {
  const heard: unknown[] = [];
  const hook = renderHook(
    ({ value }: { value: unknown }) =>
      useDraft<unknown>({
        value,
        print: (shown) => JSON.stringify(shown),
        parse: (text) => {
          try {
            return { value: JSON.parse(text) as unknown };
          } catch {
            return { broken: "not JSON" };
          }
        },
        onChange: (next) => heard.push(next),
      }),
    { initialProps: { value: start } },
  );
  const type = (text: string) => act(() => hook.result.current.change(text));
  return { ...hook, heard, type };
};

describe("useDraft", () => {
  it("keeps what is typed, whatever its spaces", () => {
    const { result, rerender, type, heard } = jsonDraft({ a: 1 });
    type('{ "a" : 2 }');
    rerender({ value: { a: 2 } });
    expect(result.current.draft).toBe('{ "a" : 2 }');
    expect(heard).toEqual([{ a: 2 }]);
  });

  it("keeps a text that means nothing, and the last value", () => {
    const { result, rerender, type, heard } = jsonDraft({ a: 1 });
    type('{"a": 2}');
    rerender({ value: { a: 2 } });
    type('{"a": ');
    rerender({ value: { a: 2 } });
    expect(result.current).toMatchObject({ draft: '{"a": ', broken: "not JSON" });
    expect(heard).toEqual([{ a: 2 }]);
  });

  it("shows a value that changed elsewhere, also in place of a broken text", () => {
    const { result, rerender, type } = jsonDraft({ a: 1 });
    type('{"a": ');
    rerender({ value: { b: 3 } });
    expect(result.current).toMatchObject({ draft: '{"b":3}', broken: null });
  });

  it("is not disturbed by a parent that is late", () => {
    const { result, rerender, type } = jsonDraft(1);
    type("12");
    type("123");
    rerender({ value: 1 });
    expect(result.current.draft).toBe("123");
    rerender({ value: 123 });
    expect(result.current.draft).toBe("123");
  });
});

describe("useRowIds", () => {
  const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const idsOf = (...lists: (readonly unknown[])[]) => {
    const { result, rerender } = renderHook(({ items }: { items: readonly unknown[] }) => useRowIds(items), {
      initialProps: { items: lists[0] ?? [] },
    });
    return lists.map((items) => {
      rerender({ items });
      return result.current;
    });
  };

  it("stays with a row when another is removed, moved or added", () => {
    expect(idsOf([a, b, c], [b, c], [c, b], [c, b, a])).toEqual([
      [0, 1, 2],
      [1, 2],
      [2, 1],
      [2, 1, 3],
    ]);
  });

  it("stays with a row that is edited", () => {
    expect(idsOf([a, b, c], [a, { name: "d" }, c])).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it("tells equal values apart", () => {
    expect(idsOf(["x", "x"], ["x", "x", "x"], ["x", "y", "x"])).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });
});
