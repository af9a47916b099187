import type { Column, JsonObject } from "@/lib/api/model";
import { exactNumber, isNumber } from "@/lib/format/decimals";
import { asNumber, type FigureStyle } from "@/lib/format/figures";
import { isObject } from "@/lib/is-object";
import { columnNamed, kindOf, type Row } from "@/lib/rows/cells";
import { conditionOf, fits, type Condition } from "@/lib/rows/conditions";
import { actionOf, type Action } from "../../actions/action-config";
import { toneOf, type Tone } from "../../charts/chart-theme";
import { isOn, marksOf, objectsOf, styleOf, textOf } from "../../config";

/** The length of a date such as 2026-01-31. */
const DAY = 10;

const displays = ["plain", "badge", "link", "bar", "check"] as const;

interface CellEdit {
  action: Action;
  choices: string[];
}

/** A column as a table widget shows it. */
export interface TableColumn {
  field: string;
  label: string;
  type: string;
  style: FigureStyle;
  /** Whether it holds dates with a time. */
  moment: boolean;
  display: (typeof displays)[number];
  hidden: boolean;
  edit: CellEdit | null;
}

function editOf(value: unknown, path: string): CellEdit | null {
  const action = isObject(value) ? actionOf(value["action"], path) : null;
  if (!isObject(value) || !action) return null;
  const choices = Array.isArray(value["choices"])
    ? value["choices"].filter((choice) => typeof choice === "string")
    : [];
  return { action, choices };
}

/** Returns the configured columns with labels and formats, or all of the result's if none are configured. */
export function tableColumns(
  config: JsonObject,
  columns: readonly Column[],
  rows: readonly Row[] = [],
): TableColumn[] {
  const chosen = marksOf(config, "columns");
  // Unformatted values are unchanged, except dates, which are shown in the reader's time zone.
  const isMoment = (name: string) =>
    kindOf(columnNamed(columns, name), rows) === "moment" &&
    rows.some((row) => typeof row[name] === "string" && row[name].length > DAY);
  if (chosen.length === 0)
    return columns.map(({ name, type }) => ({
      field: name,
      label: name,
      type,
      style: {},
      moment: isMoment(name),
      display: "plain",
      hidden: false,
      edit: null,
    }));
  return chosen.map(({ field, label, config: own }) => ({
    field,
    label,
    type: columns.find(({ name }) => name === field)?.type ?? "unknown",
    style: styleOf(own),
    moment: isMoment(field),
    display: displays.find((display) => display === own["display"]) ?? "plain",
    hidden: isOn(own, "hidden"),
    edit: editOf(
      own["edit"],
      `config.columns[${String(objectsOf(config, "columns").indexOf(own))}].edit.action`,
    ),
  }));
}

/** The reader's own order and visibility of columns. */
export interface Arrangement {
  order: string[];
  hidden: string[];
}

export const arrangementOf = (columns: readonly TableColumn[]): Arrangement => ({
  order: columns.map(({ field }) => field),
  hidden: columns.filter(({ hidden }) => hidden).map(({ field }) => field),
});

/** Returns the columns in the reader's order; newer ones come last. */
export function arrangeColumns(columns: readonly TableColumn[], { order }: Arrangement): TableColumn[] {
  const place = (field: string) => (order.includes(field) ? order.indexOf(field) : order.length);
  return [...columns].sort((a, b) => place(a.field) - place(b.field));
}

/** Moves a column up (-1) or down (1). */
export function moved(order: readonly string[], field: string, step: -1 | 1): string[] {
  const at = order.indexOf(field);
  const to = at + step;
  const other = order[to];
  if (at < 0 || other === undefined) return [...order];
  return order.map((name, index) => (index === at ? other : index === to ? field : name));
}

interface ColorRule extends Condition {
  tone: Tone;
  row: boolean;
}

export function colorRules(config: JsonObject): ColorRule[] {
  return objectsOf(config, "rules").flatMap((rule) => {
    const when = conditionOf(rule["when"]);
    return when ? [{ ...when, tone: toneOf(rule["color"]), row: isOn(rule, "row") }] : [];
  });
}

/** Returns the color of the first rule that matches a cell. */
export const toneFor = (rules: readonly ColorRule[], row: Row, field: string): Tone | undefined =>
  rules.find((rule) => (rule.row || rule.field === field) && fits(rule, row))?.tone;

export interface WidgetRowAction {
  label: string;
  action: Action;
  confirm: string;
  danger: boolean;
  when: Condition | null;
}

export function rowActions(config: JsonObject): WidgetRowAction[] {
  return objectsOf(config, "rowActions").flatMap((one, index) => {
    const path = `config.rowActions[${String(index)}].action`;
    const [label, action] = [textOf(one, "label"), actionOf(one["action"], path)];
    return label && action
      ? [
          {
            label,
            action,
            confirm: textOf(one, "confirm"),
            danger: isOn(one, "danger"),
            when: conditionOf(one["when"]),
          },
        ]
      : [];
  });
}

export const offeredFor = (actions: readonly WidgetRowAction[], row: Row): WidgetRowAction[] =>
  actions.filter(({ when }) => !when || fits(when, row));

/** Returns the largest value of a column, the maximum for its bars. */
export const largestIn = (rows: readonly Row[], field: string): number =>
  rows.reduce((most, row) => Math.max(most, asNumber(row[field]) ?? 0), 0);

/** Converts what was entered into a cell to the type of its old value. */
export function entered(text: string, before: unknown): unknown {
  if (typeof before === "number" && isNumber(text.trim())) return exactNumber(text.trim());
  if (typeof before === "boolean" && /^(true|false)$/i.test(text.trim())) return /^true$/i.test(text.trim());
  return text === "" ? null : text;
}
