import { describe, expect, it } from "vitest";
import type { JsonSchema } from "./json-schema";
import { secretsToEnterAgain } from "./destination";

const text = (more: JsonSchema = {}): JsonSchema => ({ type: "string", ...more });
const variant = (type: string, more: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  properties: { type: { const: type }, ...more },
});

const schema: JsonSchema = {
  type: "object",
  properties: {
    host: text(),
    sslMode: text({ title: "TLS", default: "prefer" }),
    timeoutMs: { type: "integer", "x-harmless": true },
    connectionString: text({ title: "Connection string", writeOnly: true, "x-destination": true }),
    password: text({ writeOnly: true }),
    auth: {
      oneOf: [
        variant("none", {}),
        variant("bearer", { token: text({ writeOnly: true }) }),
        variant("basic", { user: text(), password: text({ writeOnly: true }) }),
      ],
    },
    headers: {
      type: "array",
      "x-harmless": true,
      items: { type: "object", properties: { name: text(), value: text(), secret: { type: "boolean" } } },
    },
  },
};
const before = {
  host: "h",
  auth: { type: "bearer" },
  headers: [
    { name: "X-Key", secret: true },
    { name: "Accept", value: "a" },
  ],
};
const secrets = ["password", "auth/token", "headers/0/value"];
const again = (after: Record<string, unknown>) => secretsToEnterAgain(schema, before, after, secrets);

describe("secretsToEnterAgain", () => {
  it("asks for nothing while secrets are sent to the same place", () => {
    expect(again(before)).toEqual({});
    expect(again({ ...before, timeoutMs: 5, sslMode: "prefer", headers: [] })).toEqual({});
    expect(again({ ...before, password: "new" })).toEqual({});
  });

  it("asks for each kept secret when an option changed, and names the option", () => {
    const message = "Host changed: enter this secret again";
    expect(again({ ...before, host: "x" })).toEqual({
      "options.password": message,
      "options.auth.token": message,
      "options.headers[0].value": message,
    });
    expect(again({ ...before, sslMode: "disable" })["options.password"]).toBe(
      "TLS changed: enter this secret again",
    );
    expect(again({ ...before, connectionString: "postgresql://x" })["options.password"]).toBe(
      "Connection string changed: enter this secret again",
    );
  });

  it("ignores secrets that are replaced, cleared, or belong to another variant", () => {
    const after = {
      host: "x",
      password: "new",
      auth: { type: "basic", user: "u", password: "p" },
      headers: [{ name: "X-Key", value: "k", secret: true }],
    };
    expect(again(after)).toEqual({});
    expect(again({ ...after, password: null })).toEqual({});
  });
});
