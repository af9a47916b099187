/**
 * Reads a JSON value from this browser's storage. Returns null if nothing is stored, or if there is no storage, as in
 * an embedded page.
 */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as unknown;
  } catch {
    return null;
  }
}

/** Keeps a JSON value in this browser; null removes it. Without storage it is lost when the page is left. */
export function keep(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // No storage, or it is full.
  }
}
