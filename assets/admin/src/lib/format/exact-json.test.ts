import { describe, expect, it } from "vitest";
import { parseJson, readJson } from "./exact-json";

describe("parseJson", () => {
  it("keeps numbers that no double holds as text", () => {
    for (const number of [
      "9007199254740993",
      "-9007199254740993",
      "123456789012345678901234567890",
      "0.1234567890123456789",
      "1e-400",
      "1e400",
      "1e999",
      "1e-999",
      "1e99999",
      "1.5e-12345",
    ]) {
      expect(parseJson(`{"a": [1, ${number}], "${number}": "${number}"}`)).toEqual({
        a: [1, number],
        [number]: number,
      });
      expect(parseJson(number)).toBe(number);
    }
  });

  it("reads other numbers as numbers", () => {
    for (const number of [
      "9007199254740992",
      "0.30000000000000004",
      "1e300",
      "1.5e-300",
      "-0.1",
      "100000000000000000000",
      "0",
      "12",
    ]) {
      expect(parseJson(`[${number}]`)).toEqual([Number(number)]);
    }
  });

  it("leaves strings alone", () => {
    const value = { text: 'a "9007199254740993" \\ 9007199254740993', "\\": "1e-400\\" };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });

  it("refuses what JSON refuses", () => {
    for (const text of [
      "",
      "007199254740993111",
      "9007199254740993.",
      "[9007199254740993",
      "1234567890123456789-1",
      '"9007199254740993',
      "+9007199254740993",
      '"\\',
    ]) {
      expect(() => parseJson(text), text).toThrow(SyntaxError);
    }
  });

  it("reads long texts", () => {
    const item =
      '{"text": "' + "\\\\".repeat(20) + '", "amount": 0.30000000000000004, "id": 9007199254740993}';
    const list = parseJson(`[${Array(20_000).fill(item).join(",")}]`) as { id: string; amount: number }[];
    expect(list).toHaveLength(20_000);
    expect(list.at(-1)).toMatchObject({ id: "9007199254740993", amount: 0.30000000000000004 });
  });

  it("reads responses", async () => {
    expect(await readJson(new Response('{"id": 9007199254740993}'))).toEqual({ id: "9007199254740993" });
    await expect(readJson(new Response("<html>"))).rejects.toThrow(SyntaxError);
  });
});
