import { describe, expect, it } from "vitest";
import type { JsonSchema } from "./json-schema";
import {
  applies,
  choicesOf,
  fieldsOf,
  fieldGroupsOf,
  initialValue,
  labelOf,
  resolve,
  templatedOf,
  unionOf,
} from "./schema-fields";

const auth: JsonSchema = {
  oneOf: [
    { type: "object", properties: { type: { type: "string", const: "none" } }, required: ["type"] },
    {
      type: "object",
      title: "Bearer token",
      properties: { type: { type: "string", const: "bearer" }, token: { type: "string", writeOnly: true } },
      required: ["type", "token"],
    },
    {
      type: "object",
      $ref: "#/$defs/Basic",
      properties: { type: { type: "string", const: "basic" } },
      required: ["type"],
    },
  ],
};

const root: JsonSchema = {
  type: "object",
  required: ["host"],
  properties: {
    host: { type: "string" },
    port: { type: "integer", default: 5432, minimum: 1 },
    database: { type: ["string", "null"] },
    auth: { $ref: "#/$defs/Auth", description: "How to sign in" },
    tls: { anyOf: [{ $ref: "#/$defs/Tls" }, { type: "null" }] },
    id: { type: "string", readOnly: true },
    legacy: { type: "string", "x-widget": "hidden" },
    pool: { type: "integer", "x-group": "Advanced" },
  },
  $defs: {
    Auth: auth,
    Basic: { type: "object", properties: { user: { type: "string", default: "admin" } }, required: ["user"] },
    Tls: { type: "object", properties: { ca: { type: "string" } } },
    Loop: { $ref: "#/$defs/Loop" },
  },
};

describe("resolve", () => {
  it("removes null from a list of types", () => {
    expect(resolve({ type: ["string", "null"], description: "d" }, root)).toEqual({
      schema: { type: "string", description: "d" },
      nullable: true,
    });
  });

  it("removes null from anyOf and follows the remaining reference", () => {
    const { schema, nullable } = resolve(
      { anyOf: [{ $ref: "#/$defs/Tls" }, { type: "null" }], title: "TLS" },
      root,
    );
    expect(nullable).toBe(true);
    expect(schema.properties).toHaveProperty("ca");
    expect(schema.title).toBe("TLS");
  });

  it("prefers texts beside a reference to the referenced ones", () => {
    expect(resolve({ $ref: "#/$defs/Auth", description: "own" }, root).schema.description).toBe("own");
  });

  it("merges allOf with its siblings", () => {
    const { schema } = resolve(
      { allOf: [{ $ref: "#/$defs/Basic" }], properties: { extra: { type: "string" } }, required: ["extra"] },
      root,
    );
    expect(Object.keys(schema.properties ?? {})).toEqual(["user", "extra"]);
    expect(schema.required).toEqual(["user", "extra"]);
  });

  it("terminates on a reference to itself", () => {
    expect(resolve({ $ref: "#/$defs/Loop" }, root).schema).toEqual({});
  });

  it("returns a schema without null unchanged", () => {
    expect(resolve({ type: "string" }, root).nullable).toBe(false);
  });
});

describe("fieldsOf", () => {
  it("omits read-only and hidden fields, and keeps the order", () => {
    expect(fieldsOf(root, root).map(({ name }) => name)).toEqual([
      "host",
      "port",
      "database",
      "auth",
      "tls",
      "pool",
    ]);
  });

  it("puts groups after the fields without one", () => {
    expect(fieldGroupsOf(fieldsOf(root, root)).map(([group, fields]) => [group, fields.length])).toEqual([
      [null, 5],
      ["Advanced", 1],
    ]);
  });
});

describe("choicesOf", () => {
  it("reads an enum", () => {
    expect(choicesOf({ type: "string", enum: ["a", "b"] })?.map(({ value }) => value)).toEqual(["a", "b"]);
  });

  it("reads described constants mixed with plain ones, as schemars writes them", () => {
    const choices = choicesOf({
      oneOf: [
        { type: "string", enum: ["x", "y"] },
        { type: "string", const: "z", description: "the last" },
      ],
    });
    expect(choices).toEqual([
      { value: "x", label: "x" },
      { value: "y", label: "y" },
      { value: "z", label: "z", description: "the last" },
    ]);
  });

  it("returns nothing when the members are objects", () => {
    expect(choicesOf(auth)).toBeNull();
  });
});

describe("unionOf", () => {
  it("finds the discriminator and each variant's own fields, also through references", () => {
    const union = unionOf(auth, root);
    expect(union?.discriminator).toBe("type");
    expect(
      union?.variants.map(({ value, title, fields }) => [value, title, fields.map(({ name }) => name)]),
    ).toEqual([
      ["none", "None", []],
      ["bearer", "Bearer token", ["token"]],
      ["basic", "Basic", ["user"]],
    ]);
  });

  it("returns nothing without a common constant", () => {
    expect(
      unionOf(
        { oneOf: [{ properties: { a: { type: "string" } } }, { properties: { a: { type: "number" } } }] },
        root,
      ),
    ).toBeNull();
  });
});

describe("initialValue", () => {
  it("uses defaults, starts a union at its first variant and omits optional texts", () => {
    expect(initialValue(root, root)).toEqual({ port: 5432 });
    expect(initialValue({ ...root, required: ["host", "auth"] }, root)).toEqual({
      port: 5432,
      auth: { type: "none" },
    });
  });

  it("copies a default instead of sharing it", () => {
    const schema: JsonSchema = { type: "array", default: [{ a: 1 }] };
    expect(initialValue(schema, schema)).not.toBe(schema.default);
  });
});

describe("labelOf", () => {
  it.each([
    ["connectTimeoutMs", "Connect timeout (ms)"],
    ["baseUrl", "Base URL"],
    ["queryID", "Query"],
    ["ssl_mode", "SSL mode"],
    ["cacheSeconds", "Cache (s)"],
  ])("says %s as %s", (name, label) => {
    expect(labelOf(name, {})).toBe(label);
  });

  it("prefers a title", () => {
    expect(labelOf("x", { title: "Axis" })).toBe("Axis");
  });
});

describe("templatedOf", () => {
  const template: JsonSchema = { type: "string", pattern: "\\{\\{" };

  it("returns the schema of a value that may also be a template, with its texts", () => {
    expect(templatedOf({ title: "Limit", anyOf: [{ type: "integer", minimum: 1 }, template] }, root)).toEqual(
      { type: "integer", minimum: 1, title: "Limit" },
    );
    expect(templatedOf({ oneOf: [template, { type: "boolean" }] }, root)).toEqual({ type: "boolean" });
    expect(
      templatedOf(resolve({ type: ["integer", "string", "null"], title: "N" }, root).schema, root),
    ).toEqual({ type: "integer", title: "N" });
  });

  it("does so for a choice and through a reference", () => {
    expect(templatedOf({ anyOf: [{ type: "string", enum: ["a", "b"] }, template] }, root)?.enum).toEqual([
      "a",
      "b",
    ]);
    expect(templatedOf({ anyOf: [{ $ref: "#/$defs/Tls" }, template] }, root)?.properties).toHaveProperty(
      "ca",
    );
  });

  it("returns nothing for two texts, two numbers or three variants", () => {
    expect(templatedOf({ anyOf: [{ type: "string" }, template] }, root)).toBeNull();
    expect(templatedOf({ anyOf: [{ type: "integer" }, { type: "number" }] }, root)).toBeNull();
    expect(templatedOf({ anyOf: [{ type: "integer" }, { type: "boolean" }, template] }, root)).toBeNull();
  });

  it("starts empty", () => {
    expect(initialValue({ anyOf: [{ type: "array", items: {} }, template] }, root)).toBeUndefined();
  });
});

it("knows which fields are relevant given their siblings", () => {
  const form: JsonSchema = {
    type: "object",
    properties: {
      type: { enum: ["text", "select", "date"], default: "text" },
      options: { type: "array", "x-when": { type: ["select"] } },
      min: { type: "number", "x-when": { type: ["text", "number"] } },
      help: { type: "string" },
    },
  };
  const fields = fieldsOf(form, form);
  const shown = (value: Record<string, unknown>) =>
    fields.filter((field) => applies(field, value, fields)).map(({ name }) => name);
  expect(shown({})).toEqual(["type", "min", "help"]);
  expect(shown({ type: "select", min: 3 })).toEqual(["type", "options", "help"]);
  expect(shown({ type: "date" })).toEqual(["type", "help"]);
});
