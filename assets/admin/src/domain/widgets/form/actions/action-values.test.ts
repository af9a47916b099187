import { expect, it } from "vitest";
import type { Parameter } from "@/lib/api/model";
import { startingValues, valueFor, valueText } from "./action-values";

const parameter = (name: string, type: Parameter["type"] = "string"): Parameter => ({
  name,
  type,
  required: true,
  default: null,
  description: "",
});

it("converts what is typed to the parameter's type, except placeholders", () => {
  expect([
    valueFor({ type: "number" }, "12"),
    valueFor({ type: "number" }, "a dozen"),
    valueFor({ type: "string" }, "12"),
    valueFor({ type: "boolean" }, "true"),
  ]).toEqual([12, "a dozen", "12", true]);
  expect([
    valueFor({ type: "number" }, "{{ row.id }}"),
    valueFor({ type: "array" }, "[1]"),
    valueFor({ type: "object" }, "{"),
  ]).toEqual(["{{ row.id }}", [1], "{"]);
});

it("shows every value as its text", () => {
  expect([valueText(undefined), valueText(0), valueText("a"), valueText([1])]).toEqual(["", "0", "a", "[1]"]);
});

it("guesses by name, fields before columns, and uses a cell's value for what is left", () => {
  const parameters = [parameter("id"), parameter("Status")];
  expect(startingValues(parameters, { columns: ["ID", "name"], fields: ["id"], cell: false })).toEqual({
    id: "{{ form.id }}",
  });
  expect(startingValues(parameters, { columns: ["id", "name"], fields: [], cell: true })).toEqual({
    id: "{{ row.id }}",
    Status: "{{ value }}",
  });
  expect(startingValues([parameter("a"), parameter("b")], { columns: [], fields: [], cell: true })).toEqual(
    {},
  );
});
