import { expect, it } from "vitest";
import type { DatasourceType } from "@/lib/api/model";
import { unknownType } from "@/lib/api/unknown-type";
import { newQueryDraft, freeParameterName, givenValues, isOutdated, keptValues, newParameter } from "./draft";

const type = (sql: boolean, properties: object): DatasourceType => ({
  type: "x",
  name: "X",
  category: "",
  description: "",
  optionsSchema: {},
  queryOptionsSchema: { type: "object", properties: properties as never },
  capabilities: { ...unknownType("").capabilities, sql, schema: sql, readOnly: sql },
});

it("starts with the required options of the datasource's type", () => {
  expect(newQueryDraft("d", type(true, { sql: { type: "string" } })).options).toEqual({ sql: "" });
  expect(
    newQueryDraft("d", type(false, { method: { type: "string", default: "GET" }, path: { type: "string" } }))
      .options,
  ).toEqual({ method: "GET" });
});

it("sends only values of declared parameters", () => {
  expect(givenValues([newParameter("a"), newParameter("b")], { a: 0, b: undefined, old: 1 })).toEqual({
    a: 0,
  });
});

it("finds a free name", () => {
  expect(freeParameterName([newParameter("param1"), newParameter("param3")])).toBe("param4");
});

it("knows that a result is of an earlier text or of other values", () => {
  const draft = newQueryDraft("d", type(true, { sql: { type: "string" } }));
  const run = { asked: { draft, parameters: { id: 1 } }, parameters: { id: 1 } };
  expect(isOutdated(run, { ...draft, name: "Named", cacheSeconds: 60 })).toBe(false);
  expect(isOutdated(run, { ...draft, options: { sql: "select 2" } })).toBe(true);
  expect(isOutdated({ ...run, parameters: { id: 2 } }, draft)).toBe(true);
  expect(isOutdated({ asked: null, parameters: {} }, draft)).toBe(false);
});

it("a widget keeps the test values of declared parameters that are not their defaults", () => {
  const parameters = [newParameter("region"), { ...newParameter("days"), default: 7 }, newParameter("plan")];
  expect(keptValues(parameters, { region: "EU", days: 7, plan: undefined, other: 1 })).toEqual({
    region: "EU",
  });
});
