import { useState } from "react";
import type { Row } from "@/lib/rows/cells";
import type { TableColumn } from "./table-columns";

/** The most values of a column to suggest, and the most characters of one. */
const [MOST, LONGEST] = [30, 60];

/** The values to suggest for filters, by column. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

const none: KnownValues = {};

/** Returns the known values with those of more rows; the same object if there are no others. */
function withValues(known: KnownValues, columns: readonly TableColumn[], rows: readonly Row[]): KnownValues {
  const added = columns
    .filter(({ format }) => format.kind === "text")
    .flatMap(({ field }): [string, string[]][] => {
      const before = known[field] ?? [];
      const found = new Set(before);
      for (const { [field]: value } of rows) {
        if (found.size >= MOST) break;
        if (typeof value === "string" && value !== "" && value.length <= LONGEST) found.add(value);
      }
      return found.size > before.length ? [[field, [...found].sort((a, b) => a.localeCompare(b))]] : [];
    });
  return added.length ? { ...known, ...Object.fromEntries(added) } : known;
}

/** Returns the texts of the rows that were shown so far: a filter hides the others, but they can still be selected. */
export function useKnownValues(columns: readonly TableColumn[], rows: readonly Row[]): KnownValues {
  const [seen, setSeen] = useState<{
    rows: readonly Row[];
    columns: readonly TableColumn[];
    values: KnownValues;
  }>();
  if (seen?.rows === rows && seen.columns === columns) return seen.values;
  const values = withValues(seen?.values ?? none, columns, rows);
  setSeen({ rows, columns, values });
  return values;
}
