import { expect, test } from "vitest";
import { mentions, usersOf } from "./mentions";

test("a text is found at any depth, but not as a part of another", () => {
  const config = { action: { values: [{ queryID: "q1" }] } };
  expect(mentions(config, new Set(["q1"]))).toBe(true);
  expect(mentions(config, new Set(["q"]))).toBe(false);
  expect(mentions(null, new Set(["q1"]))).toBe(false);
});

test("users are found through each other, in order", () => {
  const levels = [
    { kind: "datasource", records: [{ id: "d1", name: "Garden", options: { fileID: "f1" } }] },
    {
      kind: "dataquery",
      records: [
        { id: "q1", name: "Harvest", datasourceID: "d1" },
        { id: "q2", name: "Other", datasourceID: "d2" },
      ],
    },
    { kind: "widget", records: [{ id: "w1", name: "Table", queryID: "q1" }] },
  ];
  expect(usersOf("f1", levels).map(({ level, record }) => [level.kind, record.name])).toEqual([
    ["datasource", "Garden"],
    ["dataquery", "Harvest"],
    ["widget", "Table"],
  ]);
  expect(usersOf("q2", levels)).toEqual([]);
});
