import type { ErrorDetail } from "@/lib/api/model";

/** The single form of JSON paths in this app: `nodes[2].config.url`. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return parent ? `${parent}.${key}` : key;
}

/** Parses JSON pointers (`/nodes/2/config`, also without the leading slash) and dotted paths. */
export function normalizePath(path: string): string {
  const keys = path.includes("/")
    ? path
        .replace(/^\//, "")
        .split("/")
        .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    : path.split(/[.[\]]+/).filter(Boolean);
  return keys.reduce((joined, key) => joinPath(joined, /^\d+$/.test(key) ? Number(key) : key), "");
}

export type FieldErrors = Record<string, string>;

/** Returns the server's `details` as messages by path; several for one field are joined. */
export function fieldErrors(details: readonly ErrorDetail[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of details) {
    const key = normalizePath(path);
    errors[key] = errors[key] ? `${errors[key]}; ${message}` : message;
  }
  return errors;
}

/** Whether there is an error at or below `path`. */
export function hasErrorBelow(errors: FieldErrors, path: string): boolean {
  return Object.keys(errors).some(
    (key) => key === path || key.startsWith(`${path}.`) || key.startsWith(`${path}[`),
  );
}
