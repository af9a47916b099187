import { expect, test, vi } from "vitest";
import { createStore } from "./store";

test("subscribers are notified of other values until they leave", () => {
  const store = createStore<number | null>(null);
  const listener = vi.fn();
  const leave = store.subscribe(listener);
  store.set(null);
  expect(listener).not.toHaveBeenCalled();
  store.set(1);
  expect([store.get(), listener.mock.calls.length]).toEqual([1, 1]);
  leave();
  store.set(2);
  expect([store.get(), listener.mock.calls.length]).toEqual([2, 1]);
});

test("a subscriber may leave while all are notified", () => {
  const store = createStore(0);
  const leave = store.subscribe(() => leave());
  const last = vi.fn();
  store.subscribe(last);
  store.set(1);
  store.set(2);
  expect(last).toHaveBeenCalledTimes(2);
});
