import type { Dashboard } from "@/lib/api/model";

// What the tests of the dashboard editor share.
const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
export const base = { description: "", createdAt: at, updatedAt: at, createdBy: null };

export const emptyDashboard = {
  ...base,
  id: "d1",
  name: "Sales",
  version: 2,
  tabs: [],
  items: [],
  layouts: {},
  variables: [],
  refreshSeconds: 0,
  widgets: [],
} as unknown as Dashboard;

const configSchema = {
  type: "object",
  required: ["queryID"],
  properties: { queryID: { type: "string" }, parameters: { type: "object" } },
};
export const widgetTypes = ["table", "bar"].map((type) => ({
  type,
  name: type,
  description: "",
  category: "data",
  configSchema,
}));

/** Two plans with a number each: bars suit them best. */
export const plans = {
  data: [
    { plan: "pro", customers: 3 },
    { plan: "free", customers: 9 },
  ],
  columns: [
    { name: "plan", type: "text" },
    { name: "customers", type: "integer" },
  ],
  rowCount: 2,
  affectedRows: null,
  truncated: false,
  durationMs: 1,
  cache: "off",
};

export const list = (...items: object[]) => ({ items, nextCursor: null, total: items.length });
