// Uses the client of hey-api: signs in, reads, changes one field, uploads, follows events.
import assert from "node:assert/strict";
import { client } from "./generated/hey-api/client.gen.ts";
import { authMe, fileCreate, instanceEvents, sessionSignIn, workflowExecute, workflowGet, workflowList, workflowUpdate } from "./generated/hey-api/sdk.gen.ts";

const [baseUrl, email, password] = process.argv.slice(2);
assert(baseUrl && email && password);
client.setConfig({ baseUrl });
const session = await sessionSignIn({ body: { email, password }, throwOnError: true });
client.setConfig({ baseUrl, auth: session.data.idToken });
const me = await authMe({ throwOnError: true });
const tenantID = me.data.tenants[0]?.id;
assert(tenantID);
const inside = { headers: { "x-tenant-id": tenantID }, throwOnError: true } as const;

const listed = await workflowList({ ...inside, path: { tenantID } });
const workflowID = listed.data.items.find((workflow) => workflow.enabled)?.id;
assert(workflowID);
const path = { tenantID, workflowID };
const before = await workflowGet({ ...inside, path });
const after = await workflowUpdate({ ...inside, path, body: { description: "renamed by another script" } });
assert.deepEqual([after.data.nodes, after.data.enabled], [before.data.nodes, before.data.enabled]);

const content = "name,price\nLamp,19.5\n";
const file = await fileCreate({ ...inside, path: { tenantID }, query: { name: "made by another script.csv" }, body: new Blob([content]) });
assert.equal(file.data.size, content.length);

const started = await workflowExecute({ ...inside, path, body: {} });
const instanceID = "instanceID" in started.data ? started.data.instanceID : started.data.id;
const events = await instanceEvents({ headers: { "x-tenant-id": tenantID }, path: { tenantID, instanceID } });
let seen = 0;
for await (const event of events.stream) {
  assert(event);
  seen += 1;
}
assert(seen > 1, "the stream must contain events of the run");
