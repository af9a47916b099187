import { expect, it } from "vitest";
import { diffLines } from "./lines";

const marks = { same: " ", removed: "-", added: "+", gap: "…" };
const shown = (before: string[], after: string[]) =>
  diffLines(before.join("\n"), after.join("\n")).map(({ change, text }) =>
    change === "gap" ? "…" : marks[change] + text,
  );
const letters = (text: string) => text.split("");

it("compares texts line by line, and leaves out what is far from every difference", () => {
  expect(shown(letters("abcdefghij"), letters("abcdXfghij"))).toEqual([
    "…",
    " c",
    " d",
    "-e",
    "+X",
    " f",
    " g",
    "…",
  ]);
});

it("finds several differences in one text", () => {
  expect(shown(letters("abcd"), letters("bXcde"))).toEqual(["-a", " b", "+X", " c", " d", "+e"]);
});

it("shows nothing of equal texts but a gap", () => {
  expect(shown(letters("abc"), letters("abc"))).toEqual(["…"]);
});

it("treats the middle of very long texts as replaced", () => {
  const long = (prefix: string) => Array.from({ length: 1500 }, (_, index) => `${prefix}${index}`);
  const lines = diffLines(["same", ...long("a")].join("\n"), ["same", ...long("b")].join("\n"));
  expect(lines).toHaveLength(3001);
  expect(lines.filter(({ change }) => change === "removed")).toHaveLength(1500);
});
