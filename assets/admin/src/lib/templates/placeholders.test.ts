import { expect, it } from "vitest";
import {
  fillText,
  fillUrl,
  fillValue,
  fillValues,
  fillWords,
  placeholderFor,
  unresolvedIn,
} from "./placeholders";

const scope = {
  row: { id: 7, "Order no.": "A-1", tags: ["x"] },
  form: { name: "Ada" },
  vars: { region: null },
  value: false,
};

it("keeps the type of a value that is one placeholder, and converts others to text", () => {
  expect(fillValue("{{ row.id }}", scope)).toBe(7);
  expect(fillValue(" {{value}} ", scope)).toBe(false);
  expect(fillValue('no. {{ row["Order no."] }} of {{ form.name }}', scope)).toBe("no. A-1 of Ada");
  expect(fillValue({ ids: ["{{ row.id }}", 1], tags: "{{ row.tags }}" }, scope)).toEqual({
    ids: [7, 1],
    tags: ["x"],
  });
});

it("omits values that cannot be resolved", () => {
  expect(
    fillValues({ a: "{{ row.missing }}", b: "{{ vars.region }}", c: "{{ row.toString }}", d: 0 }, scope),
  ).toEqual({ d: 0 });
  expect(fillText("[{{ row.missing }}]", scope)).toBe("[]");
});

it("escapes only what it fills in", () => {
  expect(
    fillText("<b>{{ row.name }}</b>", { row: { name: "<i>" } }, (text) => text.replace(/</g, "&lt;")),
  ).toBe("<b>&lt;i></b>");
});

it("shows people what tables show: in the format of the column, with the separators of the reader", () => {
  const row = {
    total: 1234.5,
    weight: 12,
    due: "2026-03-01",
    id: 120034,
    paid: true,
    none: null,
    code: "01067",
  };
  const columns = [
    { name: "total", type: "numeric", format: "currency" as const, currency: "EUR" },
    { name: "weight", type: "int4", unit: "kg" },
  ];
  const text =
    "{{ row.total }}|{{ row.weight }}|{{ row.due }}|{{ row.id }}|{{ row.paid }}|{{ row.none }}|{{ row.code }}";
  expect(fillWords(text, { row, columns })).toBe("€1,234.50|12\u00a0kg|Mar 1, 2026|120034|yes||01067");
  expect(
    fillWords("{{ form.price }}, {{ form.code }}, {{ vars.day }}", {
      form: { price: 1234.5, code: "12345" },
      vars: { day: "2026-03-01" },
    }),
  ).toBe("1,234.5, 12345, Mar 1, 2026");
  // Programs get the values themselves.
  expect(fillText("{{ row.total }} {{ row.due }}", { row, columns })).toBe("1234.5 2026-03-01");
});

it("does not resolve placeholders in filled-in values", () => {
  expect(fillText("{{ row.a }}", { row: { a: "{{ row.b }}", b: "secret" } })).toBe("{{ row.b }}");
});

it("writes placeholders that it can read", () => {
  for (const name of ["id", "Order no.", "größe", "2nd"])
    expect(fillValue(placeholderFor("row", name), { row: { [name]: 1 } }), name).toBe(1);
});

it("resolves paths inside a column or a variable", () => {
  const nested = {
    row: { customer: { name: "Ada" }, tags: ["x", "y"], none: null },
    vars: { period: { from: "2026-01-01", to: "2026-01-31" } },
  };
  expect(
    [
      "{{ row.customer.name }}",
      "{{ row.tags[1] }}",
      "{{ vars.period.from }}",
      "{{ row.none.deep }}",
      "{{ row.customer.toString }}",
    ].map((text) => fillValue(text, nested)),
  ).toEqual(["Ada", "y", "2026-01-01", null, undefined]);
});

it("encodes what it fills into a URL, and refuses what would leave its path", () => {
  const url = "https://example.com/{{ row.id }}?q={{ vars.q }}";
  const filled = (id: unknown, q: unknown = "") => fillUrl(url, { row: { id }, vars: { q } });
  expect(filled(7, "a b&c=/?#")).toBe("https://example.com/7?q=a%20b%26c%3D%2F%3F%23");
  expect(filled("../admin")).toBe("https://example.com/..%2Fadmin?q=");
  expect(filled("//evil.example")).toBe("https://example.com/%2F%2Fevil.example?q=");
  expect([filled(".."), filled("."), fillUrl(url, { row: {} })]).toEqual([null, null, null]);
});

it("lists what it cannot fill in", () => {
  const values = {
    a: "{{ row.id }}",
    b: "{{ row.gone }}",
    c: ["no. {{ form.age }}"],
    d: "{{ vars.region }}",
    e: "{{ vars.other }}",
    f: "{{ row.id | upper }}",
    g: "{{ record.id }}",
    h: "{{ value }}",
  };
  expect(unresolvedIn(values, scope)).toEqual([
    "{{ row.gone }}",
    "{{ form.age }}",
    "{{ vars.region }}",
    "{{ vars.other }}",
    "{{ row.id | upper }}",
    "{{ record.id }}",
  ]);
  expect(unresolvedIn({ a: "{{ row.id }}" }, {})).toEqual(["{{ row.id }}"]);
  expect(
    unresolvedIn(
      { a: "{{ row.note }}", b: "{{ form.note }}", c: "{{ value }}" },
      { row: { note: null }, form: { note: null }, value: null },
    ),
  ).toEqual([]);
});
