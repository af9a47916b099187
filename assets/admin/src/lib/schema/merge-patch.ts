import { isObject } from "@/lib/is-object";

type Json = Record<string, unknown>;

/** Whether two JSON values are equal; an absent field equals an undefined one. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isEqual(a[key], b[key]));
}

/** Returns the JSON merge patch (RFC 7396) from `from` to `to`: removed fields become null. */
export function mergePatch(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [from[key], to[key]];
    if (isEqual(before, after)) continue;
    if (after === undefined) patch[key] = null;
    else patch[key] = isObject(before) && isObject(after) ? mergePatch(before, after) : after;
  }
  return patch;
}

/** Applies a JSON merge patch (RFC 7396): null removes a field. */
export function applyPatch(to: Json, patch: Json): Json {
  const kept = Object.entries(to).filter(([key]) => !(key in patch));
  const changed = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => {
      const before = to[key];
      return [key, isObject(value) ? applyPatch(isObject(before) ? before : {}, value) : value] as const;
    });
  return Object.fromEntries([...kept, ...changed]);
}
