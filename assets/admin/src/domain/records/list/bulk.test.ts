import { expect, test } from "vitest";
import { ApiError } from "@/lib/api/errors";
import { oneByOne, type Outcome } from "./bulk";

const records = ["a", "b", "c"].map((id) => ({ id }));

/** Runs an action and returns what was reported. */
async function outcomesOf(act: (id: string) => Promise<void>, signal = new AbortController().signal) {
  const reports: [string, Outcome][] = [];
  await oneByOne(
    records,
    ({ id }) => act(id),
    (id, outcome) => reports.push([id, outcome]),
    signal,
  );
  return reports;
}

test("each record has its own outcome, and a failure does not stop the others", async () => {
  const reports = await outcomesOf((id) =>
    id === "b" ? Promise.reject(new ApiError(409, "CONFLICT", "in use")) : Promise.resolve(),
  );
  expect(reports).toEqual([
    ["a", "running"],
    ["a", "done"],
    ["b", "running"],
    ["b", { failed: "in use", isInUse: true }],
    ["c", "running"],
    ["c", "done"],
  ]);
});

test("after a stop the record in progress is finished and no other is begun", async () => {
  const controller = new AbortController();
  const reports = await outcomesOf(() => {
    controller.abort();
    return Promise.resolve();
  }, controller.signal);
  expect(reports).toEqual([
    ["a", "running"],
    ["a", "done"],
  ]);
});
