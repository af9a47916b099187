import type { ErrorDetail } from "./api/model";

/** The one form in which this app writes paths into JSON: `nodes[2].config.url`. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return parent ? `${parent}.${key}` : key;
}

/** Reads JSON pointers (`/nodes/2/config`, also without the first slash) and dotted paths alike. */
export function normalizePath(path: string): string {
  const keys = path.includes("/") ? path.replace(/^\//, "").split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) : path.split(/[.[\]]+/).filter(Boolean);
  return keys.reduce((joined, key) => joinPath(joined, /^\d+$/.test(key) ? Number(key) : key), "");
}

export type FieldErrors = Record<string, string>;

/** The server's `details` as messages by path; several for one field stand in one sentence. */
export function fieldErrors(details: readonly ErrorDetail[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of details) {
    const key = normalizePath(path);
    errors[key] = errors[key] ? `${errors[key]}; ${message}` : message;
  }
  return errors;
}

/** Whether something at `path` or below it is wrong. */
export function hasErrorBelow(errors: FieldErrors, path: string): boolean {
  return Object.keys(errors).some((key) => key === path || key.startsWith(`${path}.`) || key.startsWith(`${path}[`));
}
