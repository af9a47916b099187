import { isObject } from "@/lib/is-object";
import type { JsonObject } from "@/lib/api/model";
import { textOf } from "./config";

/** What a selected row or an action opens. */
export type Destination =
  | { type: "widget"; widgetID: string }
  | { type: "dashboard"; dashboardID: string; variables: JsonObject }
  | { type: "url"; url: string };

/** Null if nothing is selected to open. */
export function destinationOf(value: unknown): Destination | null {
  if (!isObject(value)) return null;
  const [widgetID, dashboardID, url] = ["widgetID", "dashboardID", "url"].map((name) => textOf(value, name));
  switch (value["type"]) {
    case "widget":
      return widgetID ? { type: "widget", widgetID } : null;
    case "dashboard":
      return dashboardID
        ? {
            type: "dashboard",
            dashboardID,
            variables: isObject(value["variables"]) ? value["variables"] : {},
          }
        : null;
    case "url":
      return url ? { type: "url", url } : null;
    default:
      return null;
  }
}
