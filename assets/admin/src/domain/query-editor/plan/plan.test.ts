import { describe, expect, it } from "vitest";
import { flatSteps, planOf } from "./plan";

const scan = {
  "Node Type": "Seq Scan",
  "Relation Name": "orders",
  Alias: "o",
  "Total Cost": 20.5,
  "Plan Rows": 850,
  Filter: "(status = 'paid'::text)",
};
const nested = {
  Plan: {
    "Node Type": "Hash Join",
    "Join Type": "Left",
    "Total Cost": 60,
    "Plan Rows": 12,
    "Hash Cond": "(o.customer_id = c.id)",
    Plans: [
      scan,
      {
        "Node Type": "Hash",
        Plans: [
          {
            "Node Type": "Index Scan",
            "Relation Name": "customers",
            Alias: "customers",
            "Index Name": "customers_pkey",
          },
        ],
      },
    ],
  },
};

/** Returns the plan as lines, indented by depth. */
const lines = (data: unknown) => {
  const plan = planOf(data);
  if (!plan || !("steps" in plan)) return plan;
  return flatSteps(plan.steps).map(
    ({ step: { label, details }, depth }) => `${"  ".repeat(depth)}${[label, ...details].join(" | ")}`,
  );
};

describe("planOf", () => {
  it("reads nested nodes through any wrapper", () => {
    const expected = [
      "Left Hash Join | Hash Cond: (o.customer_id = c.id)",
      "  Seq Scan | orders as o | Filter: (status = 'paid'::text)",
      "  Hash",
      "    Index Scan | customers customers_pkey",
    ];
    expect(lines([{ "QUERY PLAN": [nested] }])).toEqual(expected);
    expect(lines([nested])).toEqual(expected);
    expect(lines([{ "QUERY PLAN": JSON.stringify([nested]) }])).toEqual(expected);
  });

  it("keeps the estimates", () => {
    const plan = planOf([nested]);
    expect(plan && "steps" in plan && plan.steps[0]).toMatchObject({ cost: 60, rows: 12 });
  });

  it("reads rows that name their parent", () => {
    const rows = [
      { id: 3, parent: 0, notused: 0, detail: "SCAN o" },
      { id: 7, parent: 0, notused: 0, detail: "COMPOUND QUERY" },
      { id: 9, parent: 7, notused: 0, detail: "SEARCH c USING INDEX" },
    ];
    expect(lines(rows)).toEqual(["SCAN o", "COMPOUND QUERY", "  SEARCH c USING INDEX"]);
  });

  it("reads lines of text", () => {
    expect(planOf([{ info: "• scan" }, { info: "  table: orders" }])).toEqual({
      text: "• scan\n  table: orders",
    });
  });

  it("leaves other shapes to the grid", () => {
    expect(planOf([{ id: 1, select_type: "SIMPLE", rows: 3 }])).toBeNull();
    expect(planOf({ query_block: { select_id: 1, cost: 2 } })).toBeNull();
    expect(planOf([])).toBeNull();
  });
});
