import { plural, t } from "@lingui/core/macro";
import { labelOfType } from "@/domain/variables/variable-types";
import { labelOfVariable, wordsOfValue } from "@/domain/variables/variables";
import type {
  Breakpoint,
  Dashboard,
  DashboardItem,
  DashboardTab,
  DashboardVariable,
  LayoutItem,
} from "@/lib/api/model";
import { isEqual } from "@/lib/schema/merge-patch";
import type { Content } from "./content";
import {
  diffEntries,
  diffFields,
  isSet,
  quantityText,
  ofRecord,
  type Counted,
  type Difference,
  type DifferenceGroup,
  type Fields,
  type Listed,
} from "./differences";

const plainLabels = {
  name: t`Name`,
  description: t`Description`,
  refreshSeconds: t`Auto-refresh`,
  timeZone: t`Time zone`,
};
const itemLabels = {
  widgetID: t`Widget`,
  title: t`Title`,
  tab: t`Tab`,
  drawer: t`Drawer`,
  when: t`Show when`,
};
const variableLabels = {
  label: t`Label`,
  type: t`Type`,
  default: t`Default`,
  options: t`Options`,
  source: t`Source of options`,
};
const widthLabels: Record<Breakpoint, string> = { lg: t`Desktop`, md: t`Tablet`, sm: t`Phone` };

const itemCount: Counted = {
  added: (count) => plural(count, { one: "# widget added", other: "# widgets added" }),
  removed: (count) => plural(count, { one: "# widget removed", other: "# widgets removed" }),
  changed: (count, name) => plural(count, { one: `Widget “${name}” changed`, other: "# widgets changed" }),
};
const tabCount: Counted = {
  added: (count) => plural(count, { one: "# tab added", other: "# tabs added" }),
  removed: (count) => plural(count, { one: "# tab removed", other: "# tabs removed" }),
  changed: (count, name) => plural(count, { one: `Tab “${name}” changed`, other: "# tabs changed" }),
};
const variableCount: Counted = {
  added: (count) => plural(count, { one: "# filter added", other: "# filters added" }),
  removed: (count) => plural(count, { one: "# filter removed", other: "# filters removed" }),
  changed: (count, name) => plural(count, { one: `Filter “${name}” changed`, other: "# filters changed" }),
};

const itemList = (names: ReadonlyMap<string, string>): Listed<DashboardItem> => ({
  keyOf: ({ key }) => key,
  nameOf: ({ title, widgetID }) => title || names.get(widgetID) || t`Deleted widget`,
  summaryOf: ({ widgetID }) => widgetID,
  refers: "widget",
  diff: (place, { key: _was, ...before }, { key: _is, ...after }) =>
    diffFields(place, before, after, itemLabels),
});

const tabList: Listed<DashboardTab> = {
  keyOf: ({ key }) => key,
  nameOf: ({ title }) => title,
  summaryOf: ({ title }) => title,
  diff: (place, before, after) =>
    diffFields(place, { title: before.title }, { title: after.title }, itemLabels),
};

/** A filter with its type and its default value as its editor shows them. */
const worded = (variable: DashboardVariable): Fields => ({
  ...variable,
  ...(variable.type && { type: labelOfType(variable.type) }),
  ...(isSet(variable.default) && { default: wordsOfValue(variable, variable.default) }),
});

const variableList: Listed<DashboardVariable> = {
  keyOf: ({ name }) => name,
  nameOf: labelOfVariable,
  summaryOf: ({ type }) => (type ? labelOfType(type) : null),
  diff: (place, before, after) => diffFields(place, worded(before), worded(after), variableLabels),
};

/** Counts the cells that moved; added and removed items are listed as such. */
function diffLayouts(before: Dashboard["layouts"], after: Dashboard["layouts"]): Difference[] {
  return (Object.keys(widthLabels) as Breakpoint[]).flatMap((width): Difference[] => {
    const then = new Map((before[width] ?? []).map((cell) => [cell.i, cell]));
    const moved = (after[width] ?? []).filter((cell: LayoutItem) => {
      const was = then.get(cell.i);
      return was && !isEqual(was, cell);
    }).length;
    if (moved === 0) return [];
    const note = plural(moved, { one: "# item moved or resized", other: "# items moved or resized" });
    return [
      {
        path: `layouts.${width}`,
        of: "",
        field: widthLabels[width],
        change: "changed",
        before: null,
        after: null,
        note,
      },
    ];
  });
}

/** Returns everything that differs between two versions of a dashboard; `names` are those of its widgets. */
export function compareDashboards(
  before: Content,
  after: Content,
  names: ReadonlyMap<string, string>,
): DifferenceGroup[] {
  const [then, now] = [before, after] as unknown as [Dashboard, Dashboard];
  const plain = ({ name, description, refreshSeconds, timeZone }: Dashboard) => ({
    name,
    description,
    refreshSeconds: quantityText(refreshSeconds, "second"),
    timeZone: timeZone ?? "",
  });
  return [
    { title: t`Dashboard`, differences: diffFields(ofRecord, plain(then), plain(now), plainLabels) },
    {
      title: t`Widgets`,
      counted: itemCount,
      differences: diffEntries("items", then.items ?? [], now.items ?? [], itemList(names)),
    },
    {
      title: t`Filters`,
      counted: variableCount,
      differences: diffEntries("variables", then.variables ?? [], now.variables ?? [], variableList),
    },
    {
      title: t`Tabs`,
      counted: tabCount,
      differences: diffEntries("tabs", then.tabs ?? [], now.tabs ?? [], tabList),
    },
    { title: t`Layout`, differences: diffLayouts(then.layouts ?? {}, now.layouts ?? {}) },
  ];
}
