import { expect, it } from "vitest";
import { categoriesOf } from "./categories";
import { codesOf, measuresOf } from "./measures";
import { isMonthText } from "./periods";

const amounts = (name: string, values: readonly unknown[], type = "integer") => {
  const rows = values.map((value) => ({ [name]: value }));
  return [measuresOf([{ name, type }], rows), codesOf([{ name, type }], rows)];
};

it("takes numbers of periods for names of rows, not for amounts", () => {
  for (const [name, ...values] of [
    ["month", 1, 12, null],
    ["orderMonth", 3],
    ["year", 2025],
    ["weekday", 0, 6],
    ["KW", 1, 53],
    ["Quartal", 4],
    ["hour", "23"],
  ] as const)
    expect(amounts(name, values)).toEqual([[], [name]]);
});

it("takes other numbers for amounts, whatever the name says", () => {
  for (const [name, ...values] of [
    ["month", 1, 13],
    ["month", 1.5],
    ["orders_per_day", 3],
    ["days", 3],
    ["quarter", 5000],
  ] as const)
    expect(amounts(name, values)).toEqual([[name], []]);
});

it("shows months as months where they are categories, and leaves other texts as they are", () => {
  const rows = [{ month: "2026-01" }, { month: null }, { month: "2025-12" }];
  expect(isMonthText(rows, "month")).toBe(true);
  const { labelOf } = categoriesOf(rows, "month");
  expect(rows.map(({ month }) => labelOf(month))).toEqual(["Jan 2026", "–", "Dec 2025"]);
  const numbers = [{ month: "2026-01" }, { month: "2026-13" }];
  expect(categoriesOf(numbers, "month").labelOf("2026-01")).toBe("2026-01");
});
