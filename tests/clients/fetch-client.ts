// Uses the client of openapi-typescript and openapi-fetch: signs in, reads, changes one field, uploads.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./generated/openapi-typescript.ts";

const [baseUrl, email, password] = process.argv.slice(2);
assert(baseUrl && email && password);
const anyone = createClient<paths>({ baseUrl });
const session = await anyone.POST("/api/v1/session", { body: { email, password } });
assert(session.data);
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${session.data.idToken}` } });
const me = await client.GET("/api/v1/auth");
const tenantID = me.data?.tenants[0]?.id;
assert(tenantID);
const header = { "x-tenant-id": tenantID };

const listed = await client.GET("/api/v1/tenants/{tenantID}/workflows", { params: { path: { tenantID }, query: { sort: "-name" }, header } });
const workflowID = listed.data?.items.find((workflow) => workflow.enabled)?.id;
assert(workflowID);
const params = { path: { tenantID, workflowID }, header };
const before = await client.GET("/api/v1/tenants/{tenantID}/workflows/{workflowID}", { params });
const after = await client.PATCH("/api/v1/tenants/{tenantID}/workflows/{workflowID}", { params, body: { description: "renamed by a script" } });
assert(before.data && after.data);
assert.equal(after.data.description, "renamed by a script");
assert.deepEqual([after.data.nodes, after.data.enabled], [before.data.nodes, before.data.enabled]);
for (const trigger of after.data.triggers) {
  if (trigger.type === "schedule") assert(trigger.cron.length > 0);
}

const stale = await client.PATCH("/api/v1/tenants/{tenantID}/workflows/{workflowID}", { params: { ...params, header: { ...header, "if-match": '"1"' } }, body: { description: "" } });
assert.equal(stale.error?.error.code, "VERSION_CONFLICT");

const datasources = await client.GET("/api/v1/tenants/{tenantID}/datasources", { params: { path: { tenantID }, header } });
const datasourceID = datasources.data?.items[0]?.id;
assert(datasourceID);
const created = await client.POST("/api/v1/tenants/{tenantID}/data-queries", {
  params: { path: { tenantID }, header },
  body: { name: "Made by a script", datasourceID, options: { sql: "select 1 as one" } },
});
assert.equal(created.data?.timeoutMs, 30_000);

const csv = "name,price\nLamp,19.5\n";
const file = await client.POST("/api/v1/tenants/{tenantID}/files", {
  params: { path: { tenantID }, query: { name: "made by a script.csv" }, header },
  headers: { "content-type": "text/csv" },
  body: csv,
  bodySerializer: (body) => body,
});
assert.equal(file.data?.size, csv.length);
