import { region } from "@/lib/i18n";
const collator = new Intl.Collator(region(), { numeric: true, sensitivity: "base" });

const textOf = (record: object, field: string): string => {
  const value: unknown = (record as Record<string, unknown>)[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

/** Searches and sorts a list like the server does: `q` in name and email, `sort` a field with `-` for descending. */
export function searchRecords<R extends object>(records: readonly R[], q: string, sort: string): R[] {
  const wanted = q.toLowerCase();
  const field = sort.replace(/^-/, "");
  const direction = sort.startsWith("-") ? -1 : 1;
  const found = records.filter((record) =>
    ["name", "email"].some((name) => textOf(record, name).toLowerCase().includes(wanted)),
  );
  return field
    ? found.sort((a, b) => direction * collator.compare(textOf(a, field), textOf(b, field)))
    : found;
}
