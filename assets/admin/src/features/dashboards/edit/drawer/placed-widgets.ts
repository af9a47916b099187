import type { DashboardItem, Widget, WidgetType } from "@/lib/api/model";
import { toldApart, type LabeledOption } from "@/ui/input/same-labels";
import { titleOf } from "../../board/view-grid";

/** Returns the widgets of the items, by their titles; their types tell equal titles apart, else their names. */
export function placedWidgets(
  items: readonly DashboardItem[],
  widgets: ReadonlyMap<string, Widget>,
  types: readonly Pick<WidgetType, "type" | "name">[],
): LabeledOption[] {
  const first = items.filter(
    ({ widgetID }, at) => items.findIndex((one) => one.widgetID === widgetID) === at,
  );
  const options = first.map((item) => ({
    value: item.widgetID,
    label: titleOf(item, widgets.get(item.widgetID)),
  }));
  const typeOf = (id: string) => widgets.get(id)?.type;
  return toldApart(options, ({ value, label }) => {
    const isOnly = !options.some(
      (one) => one.value !== value && one.label === label && typeOf(one.value) === typeOf(value),
    );
    const name = types.find(({ type }) => type === typeOf(value))?.name;
    return (isOnly ? name : undefined) ?? widgets.get(value)?.name ?? label;
  });
}
