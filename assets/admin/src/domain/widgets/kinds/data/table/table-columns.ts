import type { Column, JsonObject } from "@/lib/api/model";
import { columnFormat, type ColumnFormat } from "@/lib/format/columns";
import { asNumber } from "@/lib/format/figures";
import { toneOf, type Tone } from "@/lib/format/tones";
import { readNumber } from "@/lib/format/typed-number";
import { isObject } from "@/lib/is-object";
import { columnNamed, type Row } from "@/lib/rows/cells";
import { allMet, conditionOf, fits, type Condition, type ConditionScope } from "@/lib/rows/conditions";
import { actionOf, planOf, type Action, type ActionPlan } from "../../actions/action-config";
import { isOn, marksOf, objectsOf, ownStyle, textOf } from "../../config";

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
  format: ColumnFormat;
  display: (typeof displays)[number];
  hidden: boolean;
  edit: CellEdit | null;
}

/** Whether a column contains dates or times. */
export const isTime = (column: TableColumn | undefined): boolean =>
  /^(date|timestamp)/i.test(column?.type ?? "") || ["day", "moment"].includes(column?.format.kind ?? "");

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
  const tableColumn = (field: string, own: JsonObject): TableColumn => {
    const format = columnFormat(columns, field, rows, {
      ...ownStyle(own),
      label: textOf(own, "label") || undefined,
    });
    return {
      field,
      label: format.label,
      type: columnNamed(columns, field).type,
      format,
      display: displays.find((display) => display === own["display"]) ?? usualDisplay(format),
      hidden: isOn(own, "hidden"),
      edit: editOf(
        own["edit"],
        `config.columns[${String(objectsOf(config, "columns").indexOf(own))}].edit.action`,
      ),
    };
  };
  return chosen.length === 0
    ? columns.map(({ name }) => tableColumn(name, {}))
    : chosen.map(({ field, config: own }) => tableColumn(field, own));
}

/** Returns how cells are shown if the config does not say it. */
function usualDisplay({ kind, isStatus }: ColumnFormat): TableColumn["display"] {
  if (kind === "boolean") return "check";
  return isStatus ? "badge" : "plain";
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
  plan: ActionPlan;
  confirm: string;
  danger: boolean;
}

export function rowActions(config: JsonObject): WidgetRowAction[] {
  return objectsOf(config, "rowActions").flatMap((one, index) => {
    const path = `config.rowActions[${String(index)}]`;
    const plan = planOf(one, path);
    const label = textOf(one, "label");
    return label && plan
      ? [{ label, plan, confirm: textOf(one, "confirm"), danger: isOn(one, "danger") }]
      : [];
  });
}

/** Returns the actions that are shown for a row. */
export const offeredFor = (actions: readonly WidgetRowAction[], scope: ConditionScope): WidgetRowAction[] =>
  actions.filter(({ plan }) => allMet(plan.when, scope));

/** Returns the largest value of a column, the maximum for its bars. */
export const largestIn = (rows: readonly Row[], field: string): number =>
  rows.reduce((most, row) => Math.max(most, asNumber(row[field]) ?? 0), 0);

/** Converts what was entered into a cell to the type of its old value. */
export function entered(text: string, before: unknown): unknown {
  if (typeof before === "number") return text === "" ? null : (readNumber(text) ?? text);
  if (typeof before === "boolean" && /^(true|false)$/i.test(text.trim())) return /^true$/i.test(text.trim());
  return text === "" ? null : text;
}
