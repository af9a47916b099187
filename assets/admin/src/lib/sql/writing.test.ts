import { expect, it } from "vitest";
import { changesData } from "./writing";

it("knows queries that change data, and does not suspect those that may only read", () => {
  for (const options of [
    { sql: "update t set a = 1" },
    { sql: "-- remark\nDELETE FROM t" },
    { sql: "with a as (select 1) insert into t select * from a" },
    { sql: "select 1; drop table t" },
    { method: "DELETE", path: "/orders" },
    { query: "# remark\nmutation { add }" },
  ])
    expect(changesData(options), JSON.stringify(options)).toBe(true);
  for (const options of [
    { sql: "select 'update t'" },
    { sql: "select * from t for update" },
    { sql: "call monthly_report()" },
    { sql: "" },
    { method: "GET" },
    { method: "POST", path: "/_search" },
    { query: "{ orders { id } }" },
    { operation: "list" },
  ])
    expect(changesData(options), JSON.stringify(options)).toBe(false);
});
