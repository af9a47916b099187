import { expect, test, vi } from "vitest";
import { oneByOne } from "./one-by-one";

test("jobs run in order, each in its own task, unless they are withdrawn", () => {
  vi.useFakeTimers();
  const done: string[] = [];
  const add = oneByOne();
  add(() => done.push("a"));
  const withdraw = add(() => done.push("b"));
  add(() => {
    done.push("c");
    add(() => done.push("d"));
  });
  withdraw();
  expect(done).toEqual([]);
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(["a"]);
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(["a", "c"]);
  vi.runAllTimers();
  expect(done).toEqual(["a", "c", "d"]);
  vi.useRealTimers();
});
