import { t } from "@lingui/core/macro";
import type { Column, QueryColumn } from "@/lib/api/model";
import { cellText, columnNamed, kindOf, type ColumnKind, type Row } from "@/lib/rows/cells";
import { isNumber } from "./decimals";
import { figureFormats, formatFigure, isCodeName, isNumericFormat, type FigureStyle } from "./figures";
import { toneOfWord, type Tone } from "./tones";

/** How the values of a column are shown, wherever they are shown. */
export interface ColumnFormat {
  label: string;
  kind: ColumnKind | "boolean";
  style: FigureStyle;
  align: "left" | "right";
  /** Whether the query declares, or the widget sets, how the values are written. */
  isDeclared: boolean;
  /** Returns a value as text. */
  text: (value: unknown) => string;
  /** Whether the values are statuses, which have colors. */
  isStatus: boolean;
  /** Returns the color of a value: the declared one, or that of a known status. */
  tone: (value: unknown) => Tone | undefined;
}

/** Up to this number of rows are examined for how many digits and which words there are. */
const EXAMINED = 2000;
/** Beyond that, digits tell nothing. */
const MOST_DIGITS = 6;
const STATUS_NAME = /(^|[_\s-])(status|state|stage|priority|severity|phase|zustand|priorit(ä|ae)t)$/i;
const CAMEL_STATUS = /[a-z](Status|State|Stage|Priority|Severity|Phase)$/;
const MOST_STATUSES = 12;
const TIMED = /^\d{4}-\d{2}-\d{2}[T ](?!00:00(:00(\.0+)?)?(Z|[+-]00(:?00)?)?$)/;

const isNothing = (value: unknown) => value === null || value === undefined || value === "";

/** Whether a value is true: also one of a database without booleans. */
export const isTrue = (value: unknown): boolean =>
  value === true || value === 1 || /^(true|t|yes|1)$/i.test(String(value));

/** Returns the columns of a result with what a query now declares about them, for example in its editor. */
export const withDeclared = (columns: readonly Column[], declared: readonly QueryColumn[]): Column[] =>
  columns.map(({ name, type }) => {
    const about = declared.find((one) => one.name === name);
    return { ...about, name, type: about?.type ?? type, label: about?.label || undefined } as Column;
  });

/** Returns the format that a query declares for a column. */
function declaredStyle({ format, currency, decimals, unit }: Column): FigureStyle {
  return {
    format: figureFormats.find((known) => known === format),
    currency: currency ?? undefined,
    decimals: decimals ?? undefined,
    unit: unit ?? undefined,
  };
}

/**
 * Returns the format of a column's values: what a widget sets takes precedence over what the query declares. Ids and
 * years have no separators, unless a format is set.
 */
export function styleFor(column: Column, own: FigureStyle = {}): FigureStyle {
  const declared = declaredStyle(column);
  const isOwn = own.format !== undefined && own.format !== "auto";
  return {
    plain: isCodeName(column.name),
    ...(isOwn
      ? { format: own.format, currency: own.currency ?? declared.currency, decimals: own.decimals }
      : {
          format: declared.format ?? own.format,
          currency: declared.currency ?? own.currency,
          decimals: own.decimals ?? declared.decimals,
        }),
    unit: own.unit ?? (isOwn && own.format !== "number" ? undefined : declared.unit),
  };
}

/**
 * Returns how many digits after the decimal point the numbers of a column have, and how many of them are worth showing.
 * Undefined without numbers: what is not known yet must not be rounded.
 */
function digitsOf(values: readonly unknown[]): number | undefined {
  if (!values.some(isNumber)) return undefined;
  let [digits, largest] = [0, 0];
  for (const value of values) {
    if (!isNumber(value)) continue;
    digits = Math.max(digits, fractionOf(value));
    largest = Math.max(largest, Math.abs(Number(value)));
  }
  return Math.min(digits, largest >= 10 ? 2 : largest >= 1 ? 3 : 4);
}

/** Returns how many digits after the decimal point a number has. */
function fractionOf(value: unknown): number {
  const text = String(value);
  return /e/i.test(text) ? 10 : (/\.(\d*)$/.exec(text)?.[1]?.length ?? 0);
}

function isStatusColumn({ name, colors }: Column, values: readonly unknown[]): boolean {
  if (colors && Object.keys(colors).length > 0) return true;
  const texts = new Set(values.filter((value) => typeof value === "string" && value !== "") as string[]);
  if (texts.size === 0 || texts.size > MOST_STATUSES || [...texts].some((text) => text.length > 30))
    return false;
  if (STATUS_NAME.test(name) || CAMEL_STATUS.test(name)) return true;
  return [...texts].every((text) => toneOfWord(text) !== undefined);
}

function textOf(kind: ColumnFormat["kind"], style: FigureStyle, values: readonly unknown[]) {
  const isAuto = style.format === undefined || style.format === "auto";
  if (!isAuto) return (value: unknown) => formatFigure(value, style);
  if (kind === "boolean") return (value: unknown) => (isTrue(value) ? t`yes` : t`no`);
  if (kind === "moment") {
    const isTimed = (value: unknown) => typeof value === "string" && TIMED.test(value);
    const areTimed = values.some(isTimed);
    return (value: unknown) =>
      formatFigure(value, {
        format: areTimed || (values.length === 0 && isTimed(value)) ? "datetime" : "date",
      });
  }
  if (kind === "number") {
    const decimals = style.decimals ?? (style.plain ? undefined : digitsOf(values));
    return (value: unknown) =>
      formatFigure(value, {
        ...style,
        format: style.plain ? "auto" : "number",
        // Where no other values are known, a number keeps its own digits: 11.00 is not 11.
        decimals:
          decimals ??
          (style.plain || !isNumber(value) ? undefined : Math.min(fractionOf(value), MOST_DIGITS)),
      });
  }
  return (value: unknown) =>
    style.decimals !== undefined || style.unit ? formatFigure(value, style) : cellText(value);
}

/** Whether a query declares how the values of a column are written. */
const isDeclared = ({ format, unit, decimals }: Column): boolean =>
  (format ?? "auto") !== "auto" || Boolean(unit) || (decimals ?? null) !== null;

/** A value to select. */
interface Choice {
  value?: unknown;
  label: string;
}

/** The columns that choices come from; absent if they come from none. */
export interface ChoiceColumns {
  valueColumn?: Column | null | undefined;
  labelColumn?: Column | null | undefined;
}

/** Returns choices with their labels and colors as the query declares them for the columns that they come from. */
export function describedChoices<C extends Choice>(
  choices: readonly C[],
  { valueColumn, labelColumn }: ChoiceColumns,
): (C & { tone?: Tone | undefined })[] {
  const formatOf = (column: Column, values: readonly unknown[]) =>
    columnFormat(
      [column],
      column.name,
      values.map((value) => ({ [column.name]: value })),
    );
  const labels = labelColumn ?? valueColumn;
  const written =
    labels && isDeclared(labels)
      ? formatOf(
          labels,
          choices.map(({ label }) => label),
        ).text
      : null;
  const colors =
    valueColumn &&
    toneIn(
      formatOf(
        valueColumn,
        choices.map(({ value }) => value),
      ),
    );
  return choices.map((choice) => ({
    ...choice,
    ...(written ? { label: written(choice.label) } : {}),
    ...(colors ? { tone: colors(choice.value) } : {}),
  }));
}

/** Returns the color of a value of a column; undefined if its values are not statuses. */
export const toneIn =
  ({ isStatus, tone }: Pick<ColumnFormat, "isStatus" | "tone">) =>
  (value: unknown): Tone | undefined =>
    isStatus ? tone(value) : undefined;

/** Returns how a column is shown: the only place that decides it. `own` is what a widget sets. */
export function columnFormat(
  columns: readonly Column[],
  field: string,
  rows: readonly Row[],
  own: FigureStyle & { label?: string | undefined } = {},
): ColumnFormat {
  const column = columnNamed(columns, field);
  const examined = rows.length > EXAMINED ? rows.slice(0, EXAMINED) : rows;
  const values = examined.map((row) => row[field]).filter((value) => !isNothing(value));
  const kind =
    /^bool/i.test(column.type) || (values.length > 0 && values.every((value) => typeof value === "boolean"))
      ? "boolean"
      : kindOf(column, rows);
  const style = styleFor(column, own);
  const text = textOf(kind, style, values);
  const isStatus =
    kind === "text" || Object.keys(column.colors ?? {}).length > 0 ? isStatusColumn(column, values) : false;
  return {
    label: own.label ?? column.label ?? field,
    kind,
    style,
    align: isNumericFormat(style.format) || (kind === "number" && style.format !== "text") ? "right" : "left",
    isDeclared: isDeclared(column) || (own.format ?? "auto") !== "auto" || own.decimals !== undefined,
    text: (value) => (isNothing(value) ? "–" : text(value)),
    isStatus,
    tone: (value) => (isNothing(value) ? undefined : (column.colors?.[cellText(value)] ?? toneOfWord(value))),
  };
}
