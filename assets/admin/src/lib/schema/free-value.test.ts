import { describe, expect, it } from "vitest";
import { readValue, showValue } from "./free-value";

describe("free values", () => {
  it("survive a round trip", () => {
    for (const value of [
      5,
      true,
      ["a"],
      { a: "{{ input.x }}" },
      "{{ steps.a }}",
      "plain words",
      "5",
      "true",
      '{"a": 1}',
      "[broken",
      "",
      '"quoted"',
    ]) {
      const read = readValue(showValue(value));
      expect("value" in read ? (read.value ?? "") : read).toEqual(value);
    }
  });

  it("report incomplete JSON", () => {
    expect(readValue('{"a": ')).toHaveProperty("broken");
    expect(readValue("{{ a }} and {{ b }}")).toEqual({ value: "{{ a }} and {{ b }}" });
    expect(readValue("  ")).toEqual({ value: undefined });
  });
});
