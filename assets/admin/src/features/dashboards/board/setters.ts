import { widgetKind } from "@/domain/widgets/kinds";
import { objectsOf } from "@/domain/widgets/kinds/config";
import type { VariableSetter } from "@/domain/widgets/kinds/host";
import type { DashboardItem, DashboardVariable, Widget } from "@/lib/api/model";
import { labelOfVariable } from "@/domain/variables/variables";
import { titleOf } from "./view-grid";

/** Returns what sets a variable of a dashboard; null if there is no such variable. */
export function setterIn(
  name: string,
  variables: readonly DashboardVariable[],
  items: readonly DashboardItem[],
  widgets: readonly Widget[],
): VariableSetter | null {
  const variable = variables.find((one) => one.name === name);
  if (!variable) return null;
  const titled = items.flatMap((item) => {
    const widget = widgets.find(({ id }) => id === item.widgetID);
    return widget ? [{ widget, title: titleOf(item, widget) }] : [];
  });
  const chooser = titled.find(({ widget }) =>
    objectsOf(widget.config, "selects").some((one) => one["variable"] === name),
  );
  const input = titled.find(({ widget: { type, config } }) =>
    widgetKind(type)?.inputFor?.some((setting) => config[setting] === name),
  );
  // The bar is nearer than a row, unless it does not show the variable.
  if (input) return { by: "input", title: input.title };
  if (chooser) return { by: "row", title: chooser.title };
  return { by: variable.hidden === true ? "link" : "bar", title: labelOfVariable(variable) };
}
