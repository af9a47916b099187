import { describe, expect, it } from "vitest";
import type { Column } from "@/lib/api/model";
import { columnFormat, describedChoices, styleFor, withDeclared } from "./columns";

const text = (column: Partial<Column>, values: unknown[], own = {}) => {
  const full: Column = { name: "value", type: "unknown", ...column };
  const rows = values.map((value) => ({ [full.name]: value }));
  const { text: written } = columnFormat([full], full.name, rows, own);
  return values.map(written);
};

describe("the format of a column", () => {
  it("is that of its type", () => {
    expect(text({}, [0.8731489306200981, 0.5])).toEqual(["0.8731", "0.5000"]);
    expect(text({}, [1100, 12, null])).toEqual(["1,100", "12", "–"]);
    expect(text({}, ["12.50", "1240.5"])).toEqual(["12.50", "1,240.50"]);
    expect(text({ type: "bool" }, [true, false])).toEqual(["yes", "no"]);
    expect(text({}, ["2026-03-01", "2026-11-29"])).toEqual(["Mar 1, 2026", "Nov 29, 2026"]);
    expect(text({}, ["2026-11-29T11:46:33.289355Z"])[0]).toMatch(/^Nov \d+, 2026, \d+:46/);
    expect(text({ name: "id" }, [120034])).toEqual(["120034"]);
    expect(text({ name: "zip", type: "text" }, ["01067"])).toEqual(["01067"]);
  });

  it("is what the query declares, and what the widget sets before that", () => {
    const declared = { format: "currency", currency: "EUR" } as const;
    expect(text(declared, [12])).toEqual(["€12.00"]);
    expect(text(declared, [12], { format: "number", decimals: 1 })).toEqual(["12.0"]);
    expect(text(declared, [12], { decimals: 0 })).toEqual(["€12"]);
    expect(text({ unit: "kg" }, [12])).toEqual(["12\u00a0kg"]);
    expect(text({ type: "boolean" }, [1, 0])).toEqual(["yes", "no"]);
  });

  it("keeps the digits of exact decimals when they are shown", () => {
    expect(text({ format: "number", decimals: 2 }, ["9007199254740993.25"])).toEqual([
      "9,007,199,254,740,993.25",
    ]);
  });

  it("rounds nothing and drops no time before values are known", () => {
    const written = (type: string) => columnFormat([{ name: "value", type }], "value", []).text;
    expect(written("numeric")(1366.8)).toBe("1,366.8");
    expect(written("double")("0.8731489")).toBe("0.873149");
    expect(written("numeric")(12)).toBe("12");
    expect(written("timestamp")("2026-11-29T11:46:33Z")).toMatch(/^Nov \d+, 2026, \d+:46/);
    expect(written("date")("2026-11-29")).toBe("Nov 29, 2026");
  });

  it("does not separate the digits of ids and years, unless a format says so", () => {
    expect(styleFor({ name: "year", type: "int" }).plain).toBe(true);
    expect(text({ name: "year", format: "number" }, [2026])).toEqual(["2,026"]);
  });
});

describe("statuses", () => {
  const format = (column: Partial<Column>, values: string[]) =>
    columnFormat(
      [{ name: "status", type: "text", ...column }],
      column.name ?? "status",
      values.map((value) => ({ [column.name ?? "status"]: value })),
    );

  it("are known by the name of the column, by their words, or because they have colors", () => {
    expect(format({}, ["a", "b"]).isStatus).toBe(true);
    expect(format({ name: "outcome" }, ["failed", "In progress"]).isStatus).toBe(true);
    expect(format({ name: "country" }, ["DE", "US"]).isStatus).toBe(false);
    expect(format({ name: "country", colors: { DE: "green" } }, ["DE", "US"]).isStatus).toBe(true);
  });

  it("have the declared color, else that of a known word", () => {
    const { tone } = format({ colors: { failed: "violet" } }, ["failed", "done"]);
    expect([tone("failed"), tone("done"), tone("In progress"), tone("other"), tone(null)]).toEqual([
      "violet",
      "green",
      "blue",
      undefined,
      undefined,
    ]);
  });
});

it("what the editor declares replaces what the result said", () => {
  const columns: Column[] = [
    { name: "a", type: "text", label: "Old", format: "percent" },
    { name: "b", type: "int4" },
  ];
  expect(withDeclared(columns, [{ name: "a", label: "New", type: "number" }])).toEqual([
    { name: "a", type: "number", label: "New" },
    { name: "b", type: "int4" },
  ]);
});

describe("choices", () => {
  const column = (more: Partial<Column>): Column => ({ name: "c", type: "text", ...more });

  it("have the labels and the colors that their columns declare", () => {
    const choices = [
      { value: "a", label: "1200" },
      { value: "b", label: "3" },
    ];
    const valueColumn = column({ colors: { a: "red" } });
    const labelColumn = column({ name: "l", type: "number", format: "currency", currency: "EUR" });
    expect(describedChoices(choices, { valueColumn, labelColumn })).toEqual([
      { value: "a", label: "€1,200.00", tone: "red" },
      { value: "b", label: "€3.00", tone: undefined },
    ]);
    expect(describedChoices([{ value: "DE", label: "DE" }], { valueColumn: column({}) })).toEqual([
      { value: "DE", label: "DE", tone: undefined },
    ]);
    expect(describedChoices(choices, {})).toEqual(choices);
  });
});

it("keeps the digits of a number where no other values are known", () => {
  const { text } = columnFormat([{ name: "price", type: "numeric" }], "price", []);
  expect(["11.00", "1234.5", 7, null].map(text)).toEqual(["11.00", "1,234.5", "7", "–"]);
});
