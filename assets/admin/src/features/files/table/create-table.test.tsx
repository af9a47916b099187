import { expect, it } from "vitest";
import { fill, find, findButton, press, reads, serve, show, until, type Sent } from "@/ui/testing";
import { CreateTable } from "./create-table";

const file = {
  id: "f1",
  name: "Orders 2026.csv",
  description: "",
  version: 1,
  size: 100,
  mediaType: "text/csv",
  sha256: "ab",
  fileName: "Orders 2026.csv",
};
const column = (name: string, type: string, values = 2) => ({
  name,
  type,
  isDeclared: false,
  values,
  missing: 2 - values,
  exceptions: null,
  note: null,
});
const preview = {
  format: "csv",
  error: null,
  findings: [],
  suggestions: [],
  tables: [
    {
      name: "data",
      sheet: null,
      hidden: false,
      totalRows: 2,
      columns: [column("ID", "integer"), column("Unit price", "real")],
      rows: [
        { row: 2, values: [1, 9.5] },
        { row: 3, values: [2, 19.99] },
      ],
      warnings: [],
    },
  ],
};
const permissions = [
  "file:read",
  "datasource:list",
  "datasource:read",
  "datasource:create",
  "datasource:test",
  "dataquery:create",
  "dataquery:execute",
];
const types = [
  { type: "file", name: "File", optionsSchema: { type: "object" }, capabilities: {} },
  {
    type: "sqlite",
    name: "SQLite",
    optionsSchema: { type: "object", properties: { readOnly: { type: "boolean", default: true } } },
    queryOptionsSchema: { type: "object", properties: { sql: { type: "string" } } },
    capabilities: { edits: true },
  },
];
const empty = { items: [], nextCursor: null, total: 0 };
const made = { datasourceID: "d1", schema: null, table: "orders", rows: 2, durationMs: 5 };
const routes = {
  "GET files/f1": () => file,
  "GET datasources": () => empty,
  "GET datasources/d1": () => ({ id: "d1", name: "Orders 2026", type: "sqlite", options: {}, version: 1 }),
  "GET /api/v1/datasource-types": () => ({ items: types }),
  "POST datasources/preview": () => preview,
  "POST files/f1/tables": () => made,
};

const open = (changes = {}): Sent[] => {
  const sent = serve({ ...routes, ...changes }, permissions);
  show(<CreateTable />, "/t/t1/files/f1/table", "files/:fileID/table");
  return sent;
};

it("makes a table of a new database, with detected types and the key that the file has", async () => {
  const sent = open();
  await find("input", "Name of Unit price in the table");
  await fill("Table", "orders");
  await press("Create table");
  await reads("2 rows were written");
  const request = sent.find(({ path }) => path === "files/f1/tables");
  expect(request?.body).toEqual({
    newDatabase: { name: "Orders 2026" },
    options: {},
    source: "data",
    table: "orders",
    columns: [
      { from: "ID", name: "id", type: "integer", nullable: false },
      { from: "Unit price", name: "unit_price", type: "real", nullable: true },
    ],
    key: ["id"],
  });
  const links = [...document.querySelectorAll("a")].map(({ textContent }) => textContent);
  expect(links).toContain("Open in query");
});

it("leaves out columns, and shows what the server refuses beside its field", async () => {
  const message = "there is already a table `orders`: choose another name, or append the rows to it";
  const error = { code: "INVALID_REQUEST", message, details: [{ path: "table", message }] };
  const sent = open({
    "POST files/f1/tables": () => new Response(JSON.stringify({ error }), { status: 400 }),
  });
  const box = await find<HTMLInputElement>("input[type=checkbox]", "Unit price");
  box.click();
  await until(async () =>
    expect((await find<HTMLInputElement>("input", "Name of Unit price in the table")).disabled).toBe(true),
  );
  await press("Create table");
  await reads("There is already a table");
  const request = sent.find(({ path }) => path === "files/f1/tables");
  expect((request?.body as { columns: unknown[] }).columns).toHaveLength(1);
  expect((await findButton("Create table")).disabled).toBe(false);
});

it("is cancelled on request", async () => {
  let signal: AbortSignal | null | undefined;
  open();
  await find("input", "Name of Unit price in the table");
  const fetched = globalThis.fetch;
  globalThis.fetch = (target, init) => {
    if (!String(target).endsWith("/tables")) return fetched(target, init);
    signal = init?.signal;
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))),
    );
  };
  await press("Create table");
  await press("Cancel");
  await until(() => expect(signal?.aborted).toBe(true));
  await reads("All rows are written, or none.");
});

it("says why a file cannot be read", async () => {
  open({ "POST datasources/preview": () => ({ ...preview, error: "line 3 has 4 fields", tables: [] }) });
  await reads("line 3 has 4 fields");
});
