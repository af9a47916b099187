import type { DatasourceType } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";

/** Returns the types by category, for headings. Categories of one type share the last group, `null`. */
export function groupsOf(
  types: readonly DatasourceType[],
): [category: string | null, members: DatasourceType[]][] {
  const groups = [...groupBy(types, ({ category }) => category)];
  const shown = groups.filter(([, members]) => members.length > 1);
  const single = groups.filter(([, members]) => members.length === 1).flatMap(([, members]) => members);
  return single.length ? [...shown, [null, single]] : shown;
}
