// The API itself, to prepare a journey.
import assert from "node:assert/strict";

const PREFIX = "/api/v1";

async function call({ url }, method, path, headers = {}, body = undefined) {
  const answer = await fetch(url + PREFIX + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** Calls the API as the demo's owner, in their tenant. A text is sent as it is. */
export async function owner(server) {
  const { demoAccounts } = await call(server, "GET", "/setup");
  return as(
    server,
    demoAccounts.find(({ role }) => role === "Owner"),
  );
}

/** Calls the API as somebody, in their first tenant. */
export async function as(server, { email, password }) {
  const { idToken } = await call(server, "POST", "/session", {}, { email, password });
  const authorization = `Bearer ${idToken}`;
  const { tenants } = await call(server, "GET", "/auth", { authorization });
  const [{ id }] = tenants;
  const headers = { authorization, "x-tenant-id": id };
  return (method, path, body) => call(server, method, `/tenants/${id}/${path}`, headers, body);
}

/** Creates an account and makes it a member with a role; `api` is what `as` returned for an owner. Returns the account. */
export async function newMember(server, api, role) {
  const { items } = await api("GET", "roles?limit=50");
  const roleID = items.find(({ name }) => name === role).id;
  const account = { email: `${role.toLowerCase()}@example.com`, password: "correct horse" };
  const { url } = await api("POST", "invitations", { email: account.email, roleID });
  const invitationToken = url.split("/").pop();
  const { idToken } = await call(
    server,
    "POST",
    "/session/sign-up",
    {},
    { ...account, name: role, invitationToken },
  );
  await call(server, "POST", `/invitations/${invitationToken}/accept`, {
    authorization: `Bearer ${idToken}`,
  });
  return account;
}
