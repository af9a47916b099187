import { expect, it } from "vitest";
import { proposeColumns } from "./proposals";

const propose = (rows: Record<string, unknown>[], types: Record<string, string> = {}) =>
  Object.fromEntries(
    proposeColumns(
      Object.keys(rows[0] ?? {}).map((name) => ({ name, type: types[name] ?? "unknown" })),
      rows,
      [],
    ).map(({ name, ...rest }) => [name, rest]),
  );

it("money has the one currency of the rows, or that of its name", () => {
  expect(propose([{ total_amount: 12.5, currency: "EUR" }])).toEqual({
    total_amount: { format: "currency", currency: "EUR", label: "Total amount" },
  });
  expect(
    propose([
      { price: 1, currency: "EUR" },
      { price: 2, currency: "USD" },
    ])["price"],
  ).toEqual({ format: "number", decimals: 2 });
  expect(propose([{ fee_usd: 3 }])["fee_usd"]).toMatchObject({ format: "currency", currency: "USD" });
});

it("shares are percentages if they are fractions", () => {
  expect(propose([{ rate: 0.25 }])).toEqual({ rate: { format: "percent" } });
  expect(propose([{ pct: 25 }])).toEqual({ pct: { unit: "%" } });
});

it("flags, dates, sizes, durations and units are known by their values and names", () => {
  expect(
    propose([
      {
        is_admin: 1,
        born: "2026-01-31",
        seen: "2026-01-31T10:00:00Z",
        size_bytes: 4,
        took_ms: 5,
        weight_kg: 6,
      },
    ]),
  ).toEqual({
    is_admin: { type: "boolean", label: "Is admin" },
    born: { type: "date" },
    seen: { type: "datetime" },
    size_bytes: { format: "bytes", label: "Size bytes" },
    took_ms: { format: "duration", label: "Took ms" },
    weight_kg: { unit: "kg", label: "Weight kg" },
  });
});

it("known statuses have colors", () => {
  expect(propose([{ state: "open" }, { state: "failed" }, { state: "odd" }])).toEqual({
    state: { colors: { open: "blue", failed: "red" } },
  });
  expect(propose([{ name: "Anna" }, { name: "Open" }, { name: "Ben" }])).toEqual({});
});

it("proposes nothing for what is declared, or says nothing new", () => {
  expect(proposeColumns([{ name: "rate", type: "real" }], [{ rate: 0.1 }], [{ name: "rate" }])).toEqual([]);
  expect(propose([{ id: 1, name: "x" }])).toEqual({});
});
