import { describe, expect, it } from "vitest";
import type { Parameter } from "@/lib/api/model";
import { inputSchema, startingInput } from "./input-schema";
import { validate } from "./validate";

const input = (change: Partial<Parameter>): Parameter => ({
  name: "a",
  type: "string",
  required: false,
  default: null,
  description: "",
  ...change,
});

describe("inputSchema", () => {
  it("requires what is required and has no default", () => {
    const schema = inputSchema([
      input({ name: "a", required: true }),
      input({ name: "b", required: true, default: 1, type: "number" }),
      input({ name: "c" }),
    ]);
    expect(schema.required).toEqual(["a"]);
    expect(Object.keys(validate(schema, {}, "input"))).toEqual(["input.a"]);
    expect(validate(schema, { a: "x" }, "input")).toEqual({});
  });

  it("offers only what is allowed", () => {
    const schema = inputSchema([input({ allowed: ["x", "y"] })]);
    expect(schema.properties?.["a"]).toMatchObject({ enum: ["x", "y"] });
    expect(validate(schema, { a: "z" }, "input")).toHaveProperty(["input.a"]);
  });
});

describe("startingInput", () => {
  it("keeps the values of an earlier input that are still declared", () => {
    expect(startingInput([input({ name: "a" }), input({ name: "b" })], { a: 1, gone: 2 })).toEqual({ a: 1 });
    expect(startingInput([input({})], null)).toEqual({});
    expect(startingInput([input({})], "text")).toEqual({});
  });
});
