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
    column("state", { type: "order_state", nullable: false, default: "'new'", values: ["new", "done"] }),
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
    { field: "state", editing: "always", emptyText: true, choices: ["new", "done"] },
  ]);
});

it("a row that is referred to is one column, not also its label from the query of an app", () => {
  const customers = { ...table, name: "customers" };
  const references = { schema: "public", table: "customers", column: "id", composite: false };
  const orders = {
    ...table,
    name: "orders",
    columns: [column("id", { primaryKey: true }), column("customer", { references })],
  };
  const result = ["id", "customer", "customer_label", "other_label"].map((name) => ({ name, type: "text" }));
  const { columns } = settingsFor(orders, [orders, customers], result, {}) as {
    columns: { field: string }[];
  };
  expect(columns.map(({ field }) => field)).toEqual(["id", "customer", "other_label"]);
});
