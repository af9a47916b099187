// The API itself, to prepare a journey.
import assert from "node:assert/strict";

/** Calls the API as the demo's owner, in their tenant. A text is sent as it is. */
export async function owner({ url }) {
  const call = async (method, path, headers, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  };
  const { demoAccounts } = await call("GET", "/api/v1/setup");
  const { email, password } = demoAccounts.find(({ role }) => role === "Owner");
  const { idToken } = await call("POST", "/api/v1/session", {}, { email, password });
  const authorization = `Bearer ${idToken}`;
  const { tenants } = await call("GET", "/api/v1/auth", { authorization });
  return (method, path, body) =>
    call(
      method,
      `/api/v1/tenants/${tenants[0].id}/${path}`,
      { authorization, "x-tenant-id": tenants[0].id },
      body,
    );
}
