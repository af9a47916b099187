import { afterEach, expect, test, vi } from "vitest";
import { makeAll } from "./make-all";
import { session } from "@/lib/session/session";

const answered = (status: number, body: unknown) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status });

/** Answers requests with the given statuses, and records them. */
function server(...statuses: number[]) {
  vi.spyOn(session, "idToken").mockResolvedValue("token");
  const calls: string[] = [];
  vi.stubGlobal("fetch", (path: string, { method, body }: { method: string; body?: string }) => {
    const name = body ? ` ${(JSON.parse(body) as { name: string }).name}` : "";
    calls.push(`${method} ${path.replace(/^.*\/tenants\/t\//, "")}${name}`);
    const status = statuses[calls.length - 1] ?? 204;
    const error = { error: { code: status === 409 ? "CONFLICT" : "INVALID_REQUEST", message: "no" } };
    return Promise.resolve(answered(status, status < 300 ? { id: `id${calls.length}` } : error));
  });
  return calls;
}

const source = { name: "Garden", description: "", type: "file", options: {}, tags: [] } as const;
const board = { name: "Garden", description: "", tabs: [], items: [], layouts: {}, variables: [] };

afterEach(() => vi.unstubAllGlobals());

test("a taken name gets the next free number", async () => {
  const calls = server(409, 409, 201);
  const made = await makeAll("t", (make) => make("datasource", { ...source, tags: [] }));
  expect(made.id).toBe("id3");
  expect(calls).toEqual([
    "POST datasources Garden",
    "POST datasources Garden 2",
    "POST datasources Garden 3",
  ]);
});

test("what was created is deleted, the latest first, if the rest fails", async () => {
  const calls = server(201, 201, 400);
  const work = makeAll("t", async (make) => {
    await make("datasource", { ...source, tags: [] });
    await make("dashboard", { ...board, refreshSeconds: 0 });
    return make("dashboard", { ...board, name: "Broken", refreshSeconds: 0 });
  });
  await expect(work).rejects.toThrow("no");
  expect(calls.slice(3)).toEqual(["DELETE dashboards/id2", "DELETE datasources/id1"]);
});
