import { describe, expect, it } from "vitest";
import type { JsonSchema } from "./json-schema";
import { validate } from "./validate";

const schema: JsonSchema = {
  type: "object",
  required: ["host", "password", "mode"],
  properties: {
    host: { type: "string", minLength: 1, maxLength: 5 },
    password: { type: "string", writeOnly: true },
    mode: { type: "string", enum: ["on", "off"] },
    port: { type: "integer", minimum: 1, maximum: 10 },
    headers: {
      type: "array",
      maxItems: 1,
      items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
    },
    auth: {
      oneOf: [
        { type: "object", required: ["kind"], properties: { kind: { const: "none" } } },
        {
          type: "object",
          required: ["kind", "token"],
          properties: { kind: { const: "bearer" }, token: { type: "string", writeOnly: true } },
        },
      ],
    },
  },
};
const good = { host: "db", password: "x", mode: "on" };

describe("validate", () => {
  it("accepts valid input", () => {
    expect(validate(schema, { ...good, port: 10, headers: [{ name: "a" }], auth: { kind: "none" } })).toEqual(
      {},
    );
  });

  it("reports each broken rule at its path", () => {
    expect(
      validate(schema, { host: "too long", mode: "maybe", port: 1.5, headers: [{ name: "" }] }, "options"),
    ).toEqual({
      "options.host": "Must be at most 5 characters",
      "options.password": "Password is required",
      "options.mode": "Select one of the allowed values",
      "options.port": "Must be a whole number",
      "options.headers[0].name": "Name is required",
    });
  });

  it("compares numbers that no double holds by all their digits", () => {
    const most: JsonSchema = { type: "integer", maximum: Number.MAX_SAFE_INTEGER };
    expect(validate(most, "9007199254740993", "id")).toEqual({ id: "Must be at most 9007199254740991" });
    expect(validate({ type: "integer" }, "9007199254740993", "id")).toEqual({});
    expect(validate({ type: "integer" }, "9007199254740993.5", "id")).toEqual({
      id: "Must be a whole number",
    });
    expect(validate({ type: "string", maxLength: 3 }, "9007199254740993", "id")).toEqual({
      id: "Must be at most 3 characters",
    });
  });

  it("needs no value for a secret that is set, unless it is being cleared", () => {
    const secrets = new Set(["options.password", "options.auth.token"]);
    const { password: _, ...rest } = good;
    expect(validate(schema, { ...rest, auth: { kind: "bearer" } }, "options", secrets)).toEqual({});
    expect(validate(schema, { ...rest, password: null }, "options", secrets)).toEqual({
      "options.password": "Password is required",
    });
  });

  it("checks only the selected variant, and that one is selected", () => {
    expect(validate(schema, { ...good, auth: { kind: "bearer" } })).toEqual({
      "auth.token": "Token is required",
    });
    expect(validate(schema, { ...good, auth: {} })).toEqual({ "auth.kind": "Select an option" });
  });

  it("checks the length of a list", () => {
    expect(validate(schema, { ...good, headers: [{ name: "a" }, { name: "b" }] })).toEqual({
      headers: "Must be at most 1",
    });
  });

  it("ignores a pattern that this browser cannot parse", () => {
    expect(
      validate({ type: "object", properties: { a: { type: "string", pattern: "(?<!" } } }, { a: "x" }),
    ).toEqual({});
  });

  it("accepts a template in place of a typed value, and checks the value otherwise", () => {
    const limited: JsonSchema = {
      type: "object",
      properties: {
        limit: {
          anyOf: [
            { type: "integer", minimum: 1 },
            { type: "string", pattern: "\\{\\{.+\\}\\}" },
          ],
        },
        order: {
          anyOf: [
            { type: "string", enum: ["asc", "desc"] },
            { type: "string", pattern: "\\{\\{" },
          ],
        },
      },
    };
    expect(validate(limited, { limit: "{{ params.n }}", order: "{{ params.o }}" })).toEqual({});
    expect(validate(limited, { limit: 3, order: "desc" })).toEqual({});
    expect(validate(limited, { limit: 0, order: "up" })).toEqual({
      limit: "Must be at least 1",
      order: "Enter a template such as {{ params.name }}",
    });
    expect(validate(limited, { limit: "many" })).toEqual({
      limit: "Enter a template such as {{ params.name }}",
    });
  });
});
