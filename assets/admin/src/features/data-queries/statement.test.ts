import { expect, it } from "vitest";
import { looksLikeWriting } from "./statement";

it.each([
  "select * from orders",
  "-- delete from orders\nselect 1",
  "/* update */ (select 1) union select 2",
  "with latest as (select 'insert into x' as text) select * from latest",
  "values (1)",
  "explain delete from orders",
  "",
])("reads: %s", (sql) => expect(looksLikeWriting(sql)).toBe(false));

it.each([
  "update orders set status = 'select'",
  "-- fix\ndelete from orders",
  "with old as (select 1) delete from orders",
  "create table t (a int)",
  "INSERT INTO t VALUES ({{ params.a }})",
])("writes: %s", (sql) => expect(looksLikeWriting(sql)).toBe(true));
