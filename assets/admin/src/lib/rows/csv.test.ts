import { expect, it } from "vitest";
import { toCsv } from "./csv";

it("quotes what needs quoting and leaves nulls empty", () => {
  const columns = [
    { name: "a", type: "text" },
    { name: "b, c", type: "text" },
  ];
  expect(
    toCsv(columns, [
      { a: 'say "hi"', "b, c": null },
      { a: "two\nlines", "b, c": { x: 1 } },
    ]),
  ).toBe('a,"b, c"\r\n"say ""hi""",\r\n"two\nlines","{""x"":1}"');
});

it("keeps a spreadsheet from executing a text", () => {
  const text = toCsv(
    [{ name: "a", type: "text" }],
    [
      { a: "=HYPERLINK(1)" },
      { a: "-5" },
      { a: -5 },
      { a: "+cmd" },
      { a: "  =1" },
      { a: "\uFF1D1" },
      { a: "--1" },
    ],
  );
  expect(text.split("\r\n")).toEqual([
    "a",
    "'=HYPERLINK(1)",
    "-5",
    "-5",
    "'+cmd",
    "'  =1",
    "'\uFF1D1",
    "'--1",
  ]);
});
