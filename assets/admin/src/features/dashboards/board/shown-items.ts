import { allMet, conditionsOf, type ConditionScope } from "@/lib/rows/conditions";
import type { DashboardItem, Widget } from "@/lib/api/model";

/** Returns the items of the grid whose conditions are met, and those of their buttons and forms. */
export function shownItems(
  items: readonly DashboardItem[],
  widgets: readonly Widget[],
  scope: ConditionScope,
): DashboardItem[] {
  const isMet = (value: unknown) =>
    allMet(
      conditionsOf(value).filter(({ from }) => from === "vars" || from === "user"),
      scope,
    );
  return items.filter((item) => {
    if (item.drawer === true || !isMet(item.when)) return false;
    const widget = widgets.find(({ id }) => id === item.widgetID);
    const isAction = widget?.type === "button" || widget?.type === "form";
    return !isAction || isMet(widget.config["when"]);
  });
}
