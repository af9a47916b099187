import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { printNumber, readNumber, typedProblem } from "./typed-number";

describe("numbers that people type", () => {
  it("are read in English", () => {
    expect(["1,217.50", "1,217", "1.5", "-0.25", "1 000"].map(readNumber)).toEqual([
      1217.5, 1217, 1.5, -0.25, 1000,
    ]);
    expect(["1,2", "1.300,50", "1,21,7", "x", "1e", ""].map(readNumber)).toEqual(Array(6).fill(null));
    expect(readNumber("9,007,199,254,740,993")).toBe("9007199254740993");
    expect(typedProblem("1,2")).toBe("Enter a number, such as 12.5.");
  });

  describe("in German", () => {
    beforeAll(() => loadLanguage("de"));
    afterAll(() => loadLanguage("en"));

    it("have a decimal comma, and no point that could mean two things", () => {
      expect(["1.300,50", "1300,5", "1.5", "1.234.567"].map(readNumber)).toEqual([
        1300.5, 1300.5, 1.5, 1234567,
      ]);
      expect(readNumber("1.149")).toBeNull();
      expect(typedProblem("1.149")).toContain("1149");
      expect(printNumber("-12.50")).toBe("-12,50");
    });
  });
});
