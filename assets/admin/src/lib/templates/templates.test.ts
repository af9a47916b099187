import { expect, it } from "vitest";
import {
  endsIn,
  fillParameters,
  parametersIn,
  settleParameters,
  userFieldOf,
  userFields,
  userTemplate,
  variableOf,
  variablesIn,
  variableTemplate,
} from "./templates";

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
  expect(endsIn(["{{ vars.period.from }}", "{{ vars.region }}"])).toEqual(["period"]);
});

it("recognizes a field of the user", () => {
  expect(["{{ user.email }}", "{{ vars.email }}", "by {{ user.email }}", 3].map(userFieldOf)).toEqual([
    "email",
    null,
    null,
    null,
  ]);
  expect(userFields.map((field) => userFieldOf(userTemplate(field)))).toEqual([...userFields]);
});

const parameters = {
  limit: "{{ vars.limit }}",
  text: "%{{ vars.q }}%",
  fixed: 3,
  none: null,
  gone: "{{ vars.nothing }}",
  part: "%{{ vars.nothing }}%",
  from: "{{ vars.period.from }}",
  me: "{{ user.email }}",
};
const vars = { limit: 5, q: "ada", nothing: null, period: { from: "2026-01-01", to: "2026-01-31" } };

it("keeps the type of a lone placeholder, inserts others into the text, and says which have no value", () => {
  expect(fillParameters(parameters, { vars, user: { email: "ada@example.com" } })).toEqual({
    values: { limit: 5, text: "%ada%", fixed: 3, from: "2026-01-01", me: "ada@example.com" },
    unset: { gone: "vars.nothing", part: "vars.nothing" },
    withoutVariable: [],
  });
  expect(fillParameters(parameters, { vars: {}, user: {} }).unset).toMatchObject({
    from: "vars.period.from",
    me: "user.email",
  });
});

it("leaves the default to a parameter whose variable does not exist", () => {
  const filled = fillParameters(
    { a: "{{ vars.a }}", b: "{{ vars.b }}", c: "{{ vars.c }}" },
    { vars: { b: null }, user: {} },
  );
  const declared = ["a", "b"].map((name) => ({ name, required: true, default: 7 }));
  expect(settleParameters(filled, [...declared, { name: "c", required: false }])).toEqual({
    parameters: {},
    nulls: ["c"],
    waiting: ["vars.b"],
  });
});

it("sends null for an optional parameter without a value, and waits for a required one", () => {
  const filled = fillParameters(parameters, { vars, user: {} });
  const declared = (name: string, required = false) => ({ name, required });
  expect(settleParameters(filled, [declared("limit"), declared("gone"), declared("part", true)])).toEqual({
    parameters: { limit: 5 },
    nulls: ["gone"],
    waiting: ["vars.nothing"],
  });
  // nobody is signed in
  expect(settleParameters(filled, [declared("me")]).waiting).toEqual(["user.email"]);
});
