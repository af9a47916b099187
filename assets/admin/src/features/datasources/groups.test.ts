import { expect, it } from "vitest";
import type { DatasourceType } from "@/lib/api/model";
import { groupsOf } from "./groups";
import { lettersOf } from "./type-icon";

const type = (name: string, category: string) => ({ name, type: name, category }) as DatasourceType;

it("shows no heading for a single type", () => {
  const types = [
    type("PostgreSQL", "database"),
    type("Files", "file"),
    type("SQLite", "database"),
    type("Stripe", "payments"),
  ];
  const groups = groupsOf(types).map(([category, members]) => [category, members.map(({ name }) => name)]);
  expect(groups).toEqual([
    ["database", ["PostgreSQL", "SQLite"]],
    [null, ["Files", "Stripe"]],
  ]);
});

it("distinguishes types by letters of their names", () => {
  expect(["PostgreSQL", "REST API", "S3", "iCal"].map(lettersOf)).toEqual(["Po", "RA", "S3", "IC"]);
});
