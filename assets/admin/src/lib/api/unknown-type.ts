import type { DatasourceType } from "@/lib/api/model";

/** Stands in for a datasource type that the server does not (yet) tell about: nothing is known of it, and it can do nothing. */
export const unknownType = (type: string): DatasourceType => ({
  type,
  name: type,
  category: "",
  description: "",
  optionsSchema: { type: "object" },
  queryOptionsSchema: { type: "object", properties: {} },
  capabilities: { sql: false, schema: false, readOnly: false, explain: false, preview: false, slices: false, looks: false },
});
