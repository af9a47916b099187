import { expect, it } from "vitest";
import { settingsFor } from "./table-settings";

const column = (name: string, more: object = {}) => ({
  name,
  type: "character varying(80)",
  nullable: true,
  primaryKey: false,
  ...more,
});
const table = {
  name: "people",
  schema: "public",
  kind: "table",
  columns: [
    column("id", { type: "integer", nullable: false, primaryKey: true, generated: "identity" }),
    column("name", { nullable: false }),
    column("remark", { nullable: false, default: "''" }),
    column("nickname"),
    column("size", { type: "integer", nullable: false }),
    column("count", { type: "integer", nullable: false, default: "0" }),
    column("code", { primaryKey: true }),
  ],
};

it("knows which columns must not be empty", () => {
  const settings = settingsFor(table, [table], [], {});
  expect(settings["key"]).toEqual(["id", "code"]);
  expect(settings["columns"]).toEqual([
    { field: "id", editing: "never" },
    { field: "name", editing: "always", required: true },
    { field: "remark", editing: "always", emptyText: true },
    { field: "nickname", editing: "always" },
    { field: "size", editing: "always", required: true },
    { field: "count", editing: "always" },
    { field: "code", editing: "newRows", required: true },
  ]);
});
