import { describe, expect, it } from "vitest";
import { addNumbers, canonical, compareNumbers, sumOf } from "@/lib/format/decimals";
import { keyOf, compareValues, type Row } from "@/lib/rows/cells";
import { Combined, ExactSum, isRateName, type Aggregation } from "./aggregate";
import { autoGrain, grains, nextStart, startOf } from "./grain";
import { shape, type Shaping } from "./series";

/** A repeatable random generator (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Amounts of every kind that arrives: integers, decimals, doubles, exact texts, and values that are no numbers. */
function amount(random: () => number): unknown {
  const kind = Math.floor(random() * 8);
  const sign = random() < 0.3 ? -1 : 1;
  if (kind === 0) return null;
  if (kind === 1) return "n/a";
  if (kind === 2) return sign * Math.floor(random() * 1e6);
  if (kind === 3) return (sign * Math.round(random() * 1e6)) / 100;
  if (kind === 4) return sign * random();
  if (kind === 5)
    return `${sign < 0 ? "-" : ""}${Math.floor(random() * 1e9)}.${String(Math.floor(random() * 1e4)).padStart(4, "0")}`;
  if (kind === 6) return `${Math.floor(random() * 1e9)}9007199254740993.25`;
  return sign * Math.floor(random() * Number.MAX_SAFE_INTEGER);
}

const plain: Shaping = {
  x: "x",
  split: "",
  marks: [{ field: "n", how: "sum" }],
  grain: "none",
  order: "rows",
  limit: null,
  other: true,
  mostSplits: 8,
  zone: "UTC",
  keyOf: (_, value) => keyOf(value, "text"),
  compare: compareValues("text"),
};

const exact = (value: number | string | null) => (value === null ? null : canonical(value));
const total = (values: readonly (number | string | null)[]) => exact(sumOf(values));

describe("sums", () => {
  it("are exact for amounts of every kind", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = randomOf(seed);
      const values = Array.from({ length: 1 + Math.floor(random() * 40) }, () => amount(random));
      const combined = new Combined("sum");
      for (const value of values) combined.add(value);
      expect(exact(combined.value()), JSON.stringify(values)).toBe(exact(sumOf(values)));
    }
  });

  it("of decimals do not collect errors", () => {
    const sum = new ExactSum();
    for (let count = 0; count < 10_000; count += 1) sum.add(0.1);
    expect(sum.value()).toBe(1000);
    sum.add("9007199254740993");
    expect(sum.value()).toBe("9007199254741993");
  });

  it("of one value are that value as it was written", () => {
    const combined = new Combined("sum");
    combined.add("12.50");
    expect(combined.value()).toBe("12.50");
  });
});

describe("combinations", () => {
  const of = (how: Aggregation, ...values: unknown[]) => {
    const combined = new Combined(how);
    for (const value of values) combined.add(value);
    return combined.value();
  };

  it("ignore what is not a number, and count what is there", () => {
    expect([
      of("average", 1, null, 3),
      of("min", "10.5", 9, "x"),
      of("max", 9, "10.50", null),
      of("last", 1, 2, null),
      of("count", "a", null, 0, undefined),
      of("sum", null),
      of("count", null),
    ]).toEqual([2, 9, "10.50", 2, 2, null, 0]);
  });

  it("compare exactly", () => {
    expect(of("max", "9007199254740993", "9007199254740992")).toBe("9007199254740993");
  });
});

describe("series", () => {
  it("keep the sum of the rows exactly, however they are split, grouped, sorted and limited", () => {
    const orders = ["rows", "axis", "largest", "smallest"] as const;
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomOf(seed);
      const day = () => `2026-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`;
      const rows: Row[] = Array.from({ length: 1 + Math.floor(random() * 80) }, () => ({
        x: day(),
        s: `s${Math.floor(random() * 14)}`,
        n: amount(random),
        m: amount(random),
      }));
      const shaping: Shaping = {
        ...plain,
        split: random() < 0.5 ? "s" : "",
        marks: [
          { field: "n", how: "sum" },
          { field: "m", how: "sum" },
        ],
        grain: random() < 0.5 ? (grains[Math.floor(random() * grains.length)] ?? "auto") : "none",
        order: orders[Math.floor(random() * orders.length)] ?? "rows",
        // Earlier periods are left out instead of combined.
        limit: null,
        mostSplits: 1 + Math.floor(random() * 9),
      };
      if (shaping.grain === "none" && random() < 0.5) shaping.limit = 1 + Math.floor(random() * 5);
      const { series, axis } = shape(rows, shaping);
      for (const [mark, field] of ["n", "m"].entries()) {
        const values = series.filter((one) => one.mark === mark).flatMap((one) => one.values);
        expect(total(values), `seed ${seed} ${field}`).toBe(exact(sumOf(rows.map((row) => row[field]))));
      }
      expect(series.every(({ values }) => values.length === axis.length)).toBe(true);
      expect(axis.reduce((count, one) => count + one.rows.length, 0)).toBe(rows.length);
    }
  });

  it("have the rows that they were made of", () => {
    const rows = [
      { x: "a", s: "p", n: 1 },
      { x: "a", s: "q", n: 2 },
      { x: "a", s: "q", n: "3" },
    ];
    const { series, rowsAt, facts } = shape(rows, { ...plain, split: "s" });
    expect(series.map(({ split, values }) => [split, values])).toEqual([
      ["p", [1]],
      ["q", [5]],
    ]);
    expect(rowsAt(0, 1)).toEqual(rows.slice(1));
    expect([facts.isCombined, facts.splits]).toEqual([true, 2]);
  });

  it("are in the wanted order, with the rest as one", () => {
    const rows = [3, 1, 5, 2].map((n, index) => ({ x: "dbac"[index], n }));
    const xs = (change: Partial<Shaping>) =>
      shape(rows, { ...plain, ...change }).axis.map(({ value }) => value);
    expect([
      xs({}),
      xs({ order: "axis" }),
      xs({ order: "largest" }),
      xs({ order: "smallest", limit: 2 }),
      xs({ limit: 2, other: false }),
    ]).toEqual([
      ["d", "b", "a", "c"],
      ["a", "b", "c", "d"],
      ["a", "d", "c", "b"],
      ["d", "a", null],
      ["d", "a"],
    ]);
    expect(shape(rows, { ...plain, limit: 2 }).series[0]?.values).toEqual([3, 5, 3]);
  });

  it("of periods include those without rows, and end with the latest", () => {
    const rows = ["2026-01-15", "2026-01-20", "2026-04-01"].map((x) => ({ x, n: 1 }));
    const months = (change: Partial<Shaping>) => shape(rows, { ...plain, grain: "month", ...change });
    expect(months({}).series[0]?.values).toEqual([2, null, null, 1]);
    expect(months({}).facts).toMatchObject({ emptyPeriods: 2, isCombined: true, grain: "month" });
    expect(months({ limit: 1 }).series[0]?.values).toEqual([1]);
    expect(months({ limit: 1 }).facts.beyond).toBe(3);
  });

  it("of a day follow the time zone", () => {
    const rows = [{ x: "2026-03-01T23:30:00Z", n: 1 }];
    const day = (zone: string) => shape(rows, { ...plain, grain: "day", zone }).axis[0]?.value;
    expect([day("UTC"), day("Europe/Berlin")].map((wall) => new Date(Number(wall)).getUTCDate())).toEqual([
      1, 2,
    ]);
  });

  it("of a hundred thousand rows are computed quickly", () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      x: new Date(Date.UTC(2025, 0, 1) + index * 300_000).toISOString(),
      s: `s${index % 7}`,
      n: index % 3 === 0 ? (index % 1000) / 100 : `${index % 977}.25`,
    }));
    const start = performance.now();
    const { series } = shape(rows, { ...plain, split: "s", grain: "auto", zone: "Europe/Berlin" });
    expect(performance.now() - start).toBeLessThan(1500);
    expect(total(series.flatMap(({ values }) => values))).toBe(exact(sumOf(rows.map(({ n }) => n))));
  });
});

describe("periods", () => {
  it("contain each time once, and follow each other", () => {
    const random = randomOf(9);
    for (let count = 0; count < 2000; count += 1) {
      const wall = Math.floor((random() - 0.2) * 2e12);
      for (const grain of grains) {
        const start = startOf(wall, grain);
        expect(start <= wall && wall < nextStart(start, grain), `${grain} ${wall}`).toBe(true);
        expect(startOf(start, grain)).toBe(start);
        expect(startOf(nextStart(start, grain), grain)).toBe(nextStart(start, grain));
      }
    }
    expect(new Date(startOf(Date.UTC(2026, 2, 1), "week")).toISOString()).toContain("2026-02-23");
  });

  it("are as fine as is readable, and not finer than the data", () => {
    const days = (count: number, step: number) =>
      autoGrain(
        Array.from({ length: count }, (_, index) => Date.UTC(2026, 0, 1) + index * step * 86_400_000),
      );
    expect([days(30, 1), days(200, 1), days(1000, 1), days(2, 0.1)]).toEqual([
      "day",
      "week",
      "month",
      "hour",
    ]);
    expect(autoGrain([Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1)])).toBe("month");
    expect(autoGrain([])).toBe("day");
  });
});

it("rates and averages are known by their names", () => {
  expect(["avg_price", "conversion_rate", "pct", "averageAge", "share"].map(isRateName)).toEqual(
    Array(5).fill(true),
  );
  expect(["revenue", "operations", "generated", "count"].map(isRateName)).toEqual(Array(4).fill(false));
  expect(compareNumbers(addNumbers(1, 2), 3)).toBe(0);
});
