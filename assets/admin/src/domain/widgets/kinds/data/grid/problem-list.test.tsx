import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { listProblems } from "./cell-problems";
import { cellID } from "./draft/grid-changes";
import type { Line, Shape } from "./draft/grid-draft";
import { ProblemList } from "./problem-list";

const shape = {
  key: ["id"],
  fields: ["id", "name"].map((field) => ({ field, label: `The ${field}` })),
} as unknown as Shape;
const loaded = (id: number): Line => ({ id: `[${id}]`, state: "same", row: { id }, loaded: { id } });
const added = (id: string): Line => ({ id, state: "added", row: {}, loaded: null });

it("problems are listed by their places, with the key of the row or its place among the new ones", () => {
  const lines = [loaded(7), loaded(9), added("new 1"), added("new 2")];
  const problems = {
    [cellID("new 2", "name")]: "c",
    [cellID("[9]", "name")]: "b",
    [cellID("[9]", "")]: "a",
  };
  expect(listProblems(problems, shape, lines)).toMatchObject([
    { row: "Row 9", column: "", reason: "a", place: { row: 1, column: 0 } },
    { row: "Row 9", column: "The name", reason: "b", place: { row: 1, column: 1 } },
    { row: "New row 2", column: "The name", reason: "c", place: { row: 3, column: 1 } },
  ]);
});

it("many problems are not all listed, but counted", () => {
  const lines = Array.from({ length: 50 }, (_, id) => loaded(id));
  const problems = Object.fromEntries(lines.map(({ id }) => [cellID(id, "name"), "wrong"]));
  render(<ProblemList problems={listProblems(problems, shape, lines)} onProblem={() => undefined} />);
  expect(screen.getAllByRole("listitem").length).toBe(20);
  expect(screen.getByText("50 invalid cells")).toBeTruthy();
  expect(screen.getByText("and 30 more")).toBeTruthy();
});
