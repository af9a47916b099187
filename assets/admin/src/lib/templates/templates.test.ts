import { expect, it } from "vitest";
import { parametersIn, fillVariables, variableOf, variablesIn, variableTemplate } from "./templates";

it("recognizes a value that is one variable", () => {
  expect([
    variableOf("{{ vars.region }}"),
    variableOf("{{vars.a1}}"),
    variableOf("in {{ vars.region }}"),
    variableOf("{{ params.x }}"),
    variableOf(3),
  ]).toEqual(["region", "a1", null, null, null]);
  expect(variableOf(variableTemplate("from"))).toBe("from");
});

it("finds every variable and parameter at any depth", () => {
  expect(variablesIn({ a: "{{ vars.x }}", b: ["-{{ vars.y }}-{{vars.x}}"], c: 1 })).toEqual(["x", "y"]);
  expect(
    parametersIn({
      sql: "where a = {{ params.a }} order by {{ ident(params.by) }}",
      list: [{ value: "{{ params.a }}" }],
    }),
  ).toEqual(["a", "by"]);
});

it("knows the days of a range", () => {
  expect([variableOf("{{ vars.period.from }}"), variableOf("{{ vars.period.other }}")]).toEqual([
    "period.from",
    null,
  ]);
  expect(variablesIn(["{{ vars.period.from }}", "{{ vars.period.to }}"])).toEqual(["period"]);
  const period = { from: "2026-01-01", to: "2026-01-31" };
  expect(fillVariables({ a: "{{ vars.period.from }}", b: "{{ vars.gone.to }}" }, { period })).toEqual({
    a: "2026-01-01",
  });
});

it("keeps the type of a lone variable, inserts others into the text, and drops unset ones", () => {
  const parameters = {
    limit: "{{ vars.limit }}",
    text: "%{{ vars.q }}%",
    fixed: 3,
    gone: "{{ vars.nothing }}",
  };
  expect(fillVariables(parameters, { limit: 5, q: "ada", nothing: null })).toEqual({
    limit: 5,
    text: "%ada%",
    fixed: 3,
  });
});
