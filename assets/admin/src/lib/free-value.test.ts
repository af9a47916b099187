import { describe, expect, it } from "vitest";
import { readValue, showValue } from "./free-value";

describe("free values", () => {
  it("come back as they went", () => {
    for (const value of [5, true, ["a"], { a: "{{ input.x }}" }, "{{ steps.a }}", "plain words", "5", "true", '{"a": 1}', "[broken", "", '"quoted"']) {
      const read = readValue(showValue(value));
      expect("value" in read ? read.value ?? "" : read).toEqual(value);
    }
  });

  it("says when JSON is not finished", () => {
    expect(readValue('{"a": ')).toHaveProperty("broken");
    expect(readValue("{{ a }} and {{ b }}")).toEqual({ value: "{{ a }} and {{ b }}" });
    expect(readValue("  ")).toEqual({ value: undefined });
  });
});
