import type { Widget } from "@/lib/api/model";
import { textOf } from "../../config";
import { planOf, type Action } from "../action-config";

/** Returns why the reader may not send a form; null if they may, and for other widgets. */
export function refusedForm(
  widget: Pick<Widget, "type" | "config"> | undefined,
  refusalOf: (action: Action | null) => string | null,
): string | null {
  return widget?.type === "form" ? refusalOf(planOf(widget.config)?.action ?? null) : null;
}

/** Whether a form shows a row of its query, and not only what is entered. */
export const readsRow = (widget: Pick<Widget, "config"> | undefined): boolean =>
  widget !== undefined && textOf(widget.config, "queryID") !== "";
