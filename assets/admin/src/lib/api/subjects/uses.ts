import { useQueries, useQuery } from "@tanstack/react-query";
import { request } from "@/lib/api/client";
import type { Items, UsesOfOne } from "@/lib/api/model";
import { kindPath, type KindWith } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";

/** The kinds of which the server says where records are used. */
export type UsedKind = KindWith<"get", "/uses">;

interface Waiting {
  id: string;
  done: (uses: UsesOfOne) => void;
  failed: (error: unknown) => void;
}

/** How many records the server looks up at once. */
const MOST = 200;
const waiting = new Map<string, Waiting[]>();

async function load(tenantID: string, kind: UsedKind, all: readonly Waiting[]) {
  try {
    const path = `${kindPath(tenantID, kind)}/uses`;
    const ids = all.map(({ id }) => id).join(",");
    const { items } = await request<Items<UsesOfOne>>("get", path, { query: { ids } });
    const found = new Map(items.map((uses) => [uses.id, uses]));
    for (const { id, done } of all) done(found.get(id) ?? { id, items: [], count: 0 });
  } catch (error) {
    for (const { failed } of all) failed(error);
  }
}

/** Loads the uses of a record, together with those of the others that are asked for at the same time. */
function usesOf(tenantID: string, kind: UsedKind, id: string): Promise<UsesOfOne> {
  return new Promise((done, failed) => {
    const key = `${tenantID} ${kind}`;
    const others = waiting.get(key);
    if (others && others.length < MOST) {
      others.push({ id, done, failed });
      return;
    }
    const all = [{ id, done, failed }];
    waiting.set(key, all);
    setTimeout(() => {
      if (waiting.get(key) === all) waiting.delete(key);
      void load(tenantID, kind, all);
    });
  });
}

const lookUp = (tenantID: string, kind: UsedKind, id: string) => ({
  queryKey: [tenantID, kind, "list", "uses", id],
  queryFn: () => usesOf(tenantID, kind, id),
  staleTime: 30_000,
});

/** Which records use a record. The rows of a list need one request together. */
export const useUses = (kind: UsedKind, id: string) => useQuery(lookUp(useTenantID(), kind, id));

/** Whether anything uses each of these records, as far as that is known yet. */
export function useAreUsed(kind: UsedKind, ids: readonly string[]): ReadonlyMap<string, boolean> {
  const tenantID = useTenantID();
  return useQueries({
    queries: ids.map((id) => lookUp(tenantID, kind, id)),
    combine: (found) => new Map(found.flatMap(({ data }) => (data ? [[data.id, data.count > 0]] : []))),
  });
}
