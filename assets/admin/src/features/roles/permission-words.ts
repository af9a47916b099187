import { t } from "@lingui/core/macro";
import { listFormat } from "@/lib/format/intl";
import { groupBy } from "@/lib/group-by";

const objectNames: Record<string, string> = {
  tenant: t`Tenant`,
  member: t`Members`,
  role: t`Roles`,
  apikey: t`API keys`,
  audit: t`Audit log`,
  datasource: t`Datasources`,
  file: t`Files`,
  variable: t`Variables`,
  dataquery: t`Queries`,
  widget: t`Widgets`,
  dashboard: t`Dashboards`,
  workflow: t`Workflows`,
};
const actNames: Record<string, string> = {
  list: t`list`,
  read: t`read`,
  create: t`create`,
  update: t`update`,
  delete: t`delete`,
  clone: t`clone`,
  execute: t`execute`,
  test: t`test`,
  share: t`share`,
  use: t`use`,
};
/** The usual order of the actions; unknown ones follow. */
const actOrder = ["list", "read", "create", "update", "delete", "clone", "execute", "test", "share", "use"];
export const rank = (act: string) => actOrder.indexOf(act) + 1 || 100;
export const objectName = (object: string) =>
  objectNames[object] ?? `${object.charAt(0).toUpperCase()}${object.slice(1)}s`;
export const actName = (act: string): string => actNames[act] ?? act;

/** The most kinds of records that a summary names. */
const NAMED = 4;

/** Joins words as the reader's language does: "a, b" or, as a whole list, "a and b". */
const joined = (words: readonly string[], type: "unit" | "conjunction" = "unit"): string =>
  listFormat({ type, style: type === "unit" ? "short" : "long" }).format(words);

/** Says what a role may do with one kind of record: all, only read, or some of it. */
function partOf(object: string, granted: readonly string[], all: readonly string[]): string {
  const name = objectName(object);
  const acts = granted.map((permission) => permission.split(":")[1] ?? "");
  if (granted.length === all.length) return name;
  const others = acts.filter((act) => act !== "list" && act !== "read").sort((a, b) => rank(a) - rank(b));
  if (others.length === 0) return t`${name} (${actName("read")})`;
  return t`${name} (${joined(others.map(actName))})`;
}

/** Summarizes permissions for people: "Dashboards, Workflows (read, execute) and 2 more". */
export function summaryOf(granted: readonly string[], known: readonly string[]): string {
  const mine = known.filter((permission) => granted.includes(permission));
  if (mine.length === 0) return t`None`;
  if (mine.length === known.length) return t`Everything`;
  const all = groupBy(known, (permission) => permission.split(":")[0] ?? "");
  const parts = [...groupBy(mine, (permission) => permission.split(":")[0] ?? "")].map(
    ([object, permissions]) => ({
      text: partOf(object, permissions, all.get(object) ?? []),
      // what can be changed says more than what can be read
      weight: permissions.length / (all.get(object)?.length ?? 1),
    }),
  );
  const shown = [...parts]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, NAMED)
    .map(({ text }) => text);
  const more = parts.length - shown.length;
  return more === 0 ? joined(shown) : joined([...shown, t`${more} more`], "conjunction");
}
