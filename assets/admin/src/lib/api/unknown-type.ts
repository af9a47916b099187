import type { DatasourceType } from "@/lib/api/model";

/** The placeholder of a datasource type that the server does not (yet) provide: without options or capabilities. */
export const unknownType = (type: string): DatasourceType => ({
  type,
  name: type,
  category: "",
  description: "",
  optionsSchema: { type: "object" },
  queryOptionsSchema: { type: "object", properties: {} },
  capabilities: {
    sql: false,
    schema: false,
    readOnly: false,
    explain: false,
    preview: false,
    slices: false,
    edits: false,
    looks: false,
  },
});
