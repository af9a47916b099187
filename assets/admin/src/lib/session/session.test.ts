import { beforeEach, describe, expect, it, vi } from "vitest";

const user = { id: "u", email: "a@b.c", name: "A", photoUrl: null, isInstanceAdmin: false };
const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const granted = (idToken: string, expiresIn = 3600) => answer(200, { idToken, expiresIn, user });
const refused = (code: string) => answer(401, { error: { code, message: "no", requestId: "r1" } });

let server: ReturnType<typeof vi.fn<typeof fetch>>;

/** Every test starts like a newly loaded tab. */
async function load() {
  vi.resetModules();
  const { session } = await import("./session");
  const { api } = await import("@/lib/api/client");
  return { session, api };
}

beforeEach(() => {
  server = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", server);
  vi.stubGlobal("BroadcastChannel", undefined);
});

const calls = (path: string) => server.mock.calls.filter(([url]) => url === path).length;

describe("session", () => {
  it("requests a token once for any number of callers", async () => {
    const { session } = await load();
    server.mockImplementation(async () => granted("one"));
    expect(await Promise.all([session.idToken(), session.idToken(), session.idToken()])).toEqual([
      "one",
      "one",
      "one",
    ]);
    expect(calls("/api/v1/session/refresh")).toBe(1);
    expect(await session.idToken()).toBe("one");
    expect(calls("/api/v1/session/refresh")).toBe(1);
  });

  it("refreshes a token shortly before it expires", async () => {
    const { session } = await load();
    server.mockResolvedValueOnce(granted("old", 30)).mockResolvedValueOnce(granted("new"));
    await session.idToken();
    expect(await session.idToken()).toBe("new");
  });

  it("is signed out without a cookie, and does not ask again", async () => {
    const { session } = await load();
    server.mockImplementation(async () => refused("USER_AUTH_TOKEN_MISSING"));
    expect(await session.idToken()).toBeNull();
    expect(session.getState()).toEqual({ status: "signedOut" });
    expect(await session.idToken()).toBeNull();
    expect(calls("/api/v1/session/refresh")).toBe(1);
  });

  it("stays undecided while the server is unreachable", async () => {
    const { session } = await load();
    server.mockRejectedValue(new TypeError("network"));
    await expect(session.idToken()).rejects.toMatchObject({ code: "NETWORK" });
    expect(session.getState()).toEqual({ status: "unknown" });
  });

  it("is signed out even if the server is unreachable", async () => {
    const { session } = await load();
    server.mockResolvedValueOnce(granted("one")).mockRejectedValueOnce(new TypeError("network"));
    await session.idToken();
    await session.signOut();
    expect(session.getState()).toEqual({ status: "signedOut" });
  });
});

describe("api", () => {
  it("sends the token and the tenant from the path", async () => {
    const { api } = await load();
    server.mockResolvedValueOnce(granted("one")).mockResolvedValueOnce(answer(200, { ok: true }));
    await api.get("/api/v1/tenants/{tenantID}/widgets", {
      path: { tenantID: "t-1" },
      query: { q: "a b", cursor: null },
    });
    const [url, init] = server.mock.calls[1] ?? [];
    const headers = new Headers(init?.headers);
    expect(url).toBe("/api/v1/tenants/t-1/widgets?q=a+b");
    expect(headers.get("authorization")).toBe("Bearer one");
    expect(headers.get("x-tenant-id")).toBe("t-1");
  });

  it("replaces an expired token once and repeats the request", async () => {
    const { api } = await load();
    server
      .mockResolvedValueOnce(granted("old"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_EXPIRED"))
      .mockResolvedValueOnce(granted("new"))
      .mockResolvedValueOnce(answer(200, { ok: true }));
    expect(await api.get("/api/v1/auth")).toEqual({ ok: true });
    expect(new Headers(server.mock.calls[3]?.[1]?.headers).get("authorization")).toBe("Bearer new");
  });

  it("waits for the same user to sign in again after the session has ended, and then repeats the request", async () => {
    const { api, session } = await load();
    server
      .mockResolvedValueOnce(granted("old"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"));
    const answered = api.get("/api/v1/auth");
    const waiting = vi.fn();
    void answered.then(waiting);
    await vi.waitFor(() => expect(session.getState()).toEqual({ status: "expired", user }));
    expect(waiting).not.toHaveBeenCalled();
    server.mockResolvedValueOnce(granted("new")).mockResolvedValueOnce(answer(200, { ok: true }));
    await session.signIn({ email: "a@b.c", password: "correct horse" });
    expect(await answered).toEqual({ ok: true });
    expect(new Headers(server.mock.calls.at(-1)?.[1]?.headers).get("authorization")).toBe("Bearer new");
  });

  it("does not send another user's pending requests", async () => {
    const { api, session } = await load();
    server
      .mockResolvedValueOnce(granted("old"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"));
    const answered = api.get("/api/v1/auth").catch((error: unknown) => error);
    await vi.waitFor(() => expect(session.getState().status).toBe("expired"));
    server.mockResolvedValueOnce(
      answer(200, { idToken: "hers", expiresIn: 3600, user: { ...user, id: "other" } }),
    );
    await session.signIn({ email: "x@y.z", password: "correct horse" });
    expect(await answered).toMatchObject({ status: 401 });
    expect(server).toHaveBeenCalledTimes(4);
  });

  it("stops waiting when the user signs out", async () => {
    const { api, session } = await load();
    server
      .mockResolvedValueOnce(granted("old"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"));
    const answered = api.get("/api/v1/auth").catch((error: unknown) => error);
    await vi.waitFor(() => expect(session.getState().status).toBe("expired"));
    session.giveUp();
    expect(await answered).toMatchObject({ status: 401 });
  });

  it("ends the session when a new token is rejected too", async () => {
    const { api, session } = await load();
    server
      .mockResolvedValueOnce(granted("old"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"))
      .mockResolvedValueOnce(granted("new"))
      .mockResolvedValueOnce(refused("USER_AUTH_TOKEN_INVALID"));
    await expect(api.get("/api/v1/auth")).rejects.toMatchObject({ status: 401, requestId: "r1" });
    expect(session.getState()).toEqual({ status: "expired", user });
  });

  it("reads a proxy's error page as an error too", async () => {
    const { api } = await load();
    server
      .mockResolvedValueOnce(granted("one"))
      .mockResolvedValueOnce(
        new Response("<html>", { status: 502, statusText: "Bad Gateway", headers: { "x-request-id": "r9" } }),
      );
    await expect(api.get("/api/v1/auth")).rejects.toMatchObject({
      status: 502,
      code: "SERVER_ERROR",
      requestId: "r9",
    });
  });
});
