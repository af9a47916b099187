import { parseJson } from "@/lib/format/exact-json";
import { asNumber } from "@/lib/format/figures";
import { JsonView } from "@/ui/text/json-view";
import { rowsOf, textOf, type WidgetProps } from "../config";
import classes from "./lists.module.css";

/** JSON stored as text is shown as its value. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}

export function JsonWidget({ config, result, label }: WidgetProps) {
  const field = textOf(config, "field");
  const value = field ? parsed(rowsOf(result).rows[0]?.[field]) : result?.data;
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={label}>
      <JsonView value={value} label={label} depth={asNumber(config["depth"]) ?? 2} />
    </div>
  );
}
