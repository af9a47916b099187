/** Whether a value contains one of these texts, at any depth. */
export function mentions(value: unknown, texts: ReadonlySet<string>): boolean {
  if (typeof value === "string") return texts.has(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((part) => mentions(part, texts));
}

interface Named {
  id: string;
  name: string;
}

/**
 * Returns the records that use a record, directly or through each other, without itself. `levels` are the collections
 * in the order in which they use each other.
 */
export function usersOf<L extends { records: readonly Named[] }>(
  id: string,
  levels: readonly L[],
): { level: L; record: L["records"][number] }[] {
  const known = new Set([id]);
  return levels.flatMap((level) =>
    level.records
      .filter((record) => record.id !== id && mentions(record, known))
      .map((record) => {
        known.add(record.id);
        return { level, record };
      }),
  );
}
