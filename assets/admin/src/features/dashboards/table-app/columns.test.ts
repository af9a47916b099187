import { describe, expect, it } from "vitest";
import { appName, firstColumns, hasKey, isNeeded } from "./columns";

const column = (name: string, rest: object = {}) => ({
  name,
  type: "text",
  nullable: true,
  primaryKey: false,
  ...rest,
});
const table = (columns: ReturnType<typeof column>[], name = "order_items") => ({
  schema: "public",
  name,
  kind: "table",
  columns,
});

describe("the columns of an app", () => {
  it("leaves out bytes and shapes", () => {
    const columns = [column("id"), column("photo", { type: "bytea" }), column("place", { type: "point" })];
    expect(firstColumns(table(columns))).toEqual(["id"]);
  });

  it("knows which columns a new row needs", () => {
    expect(isNeeded(column("a", { nullable: false }))).toBe(true);
    expect(isNeeded(column("a", { nullable: false, default: "0" }))).toBe(false);
    expect(isNeeded(column("a", { nullable: false, generated: "identity" }))).toBe(false);
    expect(isNeeded(column("a"))).toBe(false);
  });

  it("knows whether rows can be told apart", () => {
    expect(hasKey(table([column("a")]))).toBe(false);
    expect(hasKey(table([column("a"), column("b", { primaryKey: true })]))).toBe(true);
  });

  it("names the app after the table", () => {
    expect(appName(table([]))).toBe("Order items");
    expect(appName(table([], "Größen"))).toBe("Größen");
    expect(appName(table([], "_"))).toBe("_");
  });
});
