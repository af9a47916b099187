import { isOn } from "@/domain/widgets/kinds/config";
import type { DashboardItem, JsonObject, Widget } from "@/lib/api/model";
import { variablesIn } from "@/lib/templates/templates";
import { selectedVariables } from "@/domain/variables/variables";
import { breakpointOf } from "./layout/grid-layout";

/** Returns the key of the first form on the page for the row that sets these variables. */
export function formFor(
  values: JsonObject,
  items: readonly DashboardItem[],
  widgets: readonly Widget[],
): string | null {
  const selected = selectedVariables(widgets);
  const names = Object.keys(values).filter((name) => values[name] !== undefined && selected.has(name));
  if (names.length === 0) return null;
  const item = items.find(({ widgetID, drawer }) => {
    const widget = widgets.find(({ id }) => id === widgetID);
    if (drawer === true || widget?.type !== "form" || !isOn(widget.config, "needsRow")) return false;
    return variablesIn(widget.config["parameters"]).some((name) => names.includes(name));
  });
  return item?.key ?? null;
}

/** On a phone the form for the selected row is below its table: scrolls there. */
export function showOnPhone(key: string) {
  const frame = document.querySelector<HTMLElement>(`[data-item="${CSS.escape(key)}"]`);
  if (frame?.parentElement && breakpointOf(frame.parentElement.clientWidth) === "sm")
    frame.scrollIntoView({ block: "start" });
}
