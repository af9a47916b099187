// Says what a query did to rows.
import { plural } from "@lingui/core/macro";
import type { QueryResult } from "@/lib/api/model";

type RowChange = QueryResult["rowChange"] | undefined;

/** Says how many rows were changed, and how if the server knows it. */
export function changedRows(count: number, change: RowChange): string {
  switch (change) {
    case "added":
      return plural(count, { one: "# row added.", other: "# rows added." });
    case "deleted":
      return plural(count, { one: "# row deleted.", other: "# rows deleted." });
    default:
      return plural(count, { one: "# row changed.", other: "# rows changed." });
  }
}

/** Says the same of a preview. */
export function previewedRows(count: number, change: RowChange): string {
  switch (change) {
    case "added":
      return plural(count, {
        one: "# row would be added; nothing was saved.",
        other: "# rows would be added; nothing was saved.",
      });
    case "deleted":
      return plural(count, {
        one: "# row would be deleted; nothing was saved.",
        other: "# rows would be deleted; nothing was saved.",
      });
    default:
      return plural(count, {
        one: "# row would change; nothing was saved.",
        other: "# rows would change; nothing was saved.",
      });
  }
}

/** Returns what was done to all rows; null if it differs between them. */
export function commonChange(changes: readonly RowChange[]): RowChange {
  const [first = null, ...others] = changes;
  return others.every((change) => change === first) ? first : null;
}
