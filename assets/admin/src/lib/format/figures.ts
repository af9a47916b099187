import { isRealDay } from "./dates/calendar";
import { isNumber } from "./decimals";
import { formatBytes, formatDuration, formatRelative } from "./format";
import { dateFormat, numberFormat } from "./intl";

export const figureFormats = [
  "auto",
  "text",
  "number",
  "currency",
  "percent",
  "bytes",
  "duration",
  "date",
  "datetime",
  "relative",
] as const;

export type FigureFormat = (typeof figureFormats)[number];

export interface FigureStyle {
  format?: FigureFormat | undefined;
  /** ISO 4217 code, for `currency`. */
  currency?: string | undefined;
  /** Digits after the decimal point. */
  decimals?: number | undefined;
  /** Shown after the value. */
  unit?: string | undefined;
  /** Without separators unless requested: the number identifies something. */
  plain?: boolean | undefined;
  /** With separators, also where an exact number arrived as text. */
  spoken?: boolean | undefined;
}

/** Returns the words of a column's name, in lower case: "orderID" → "order", "id". */
export const wordsOfName = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Last words of names of identifiers, years and codes. */
const CODE =
  /^(id|uuid|guid|pk|fk|key|year|jahr|zip|zipcode|plz|postcode|postalcode|code|sku|ean|gtin|isbn|iban|phone|telefon|tel|fax|mobile)$/;
/** The same where German joins the words: Kundennummer, RechnungsNr, Baujahr. */
const JOINED_CODE = /\p{L}(nummer|nr|leitzahl|plz)$|^(bau|geburts|geschäfts|kalender|modell|haushalts)jahr$/u;
/** Words before "number" that make it an amount. */
const AMOUNT = /^(total|average|avg|mean|max|min)$/;

/** Whether a column's name suggests identifiers: ids, years and postal codes are not amounts. */
export function isCodeName(name: string): boolean {
  const words = wordsOfName(name);
  const [last = "", before = ""] = words.toReversed();
  if (CODE.test(last) || JOINED_CODE.test(last)) return true;
  if (words.length === 1) return last === "nr" || last === "nummer";
  // "order_number" identifies an order, "total_number" counts.
  return /^(number|no|nr|nummer)$/.test(last) && !AMOUNT.test(before);
}

/** Whether a value is aligned to the right. */
export const isNumericFormat = (format: FigureFormat | undefined): boolean =>
  format !== undefined && ["number", "currency", "percent", "bytes", "duration"].includes(format);

const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
/** Converts to a number, also from a text with more digits than a double holds: those are lost here. */
export const asNumber = (value: unknown): number | null => (isNumber(value) ? Number(value) : null);

/** Formats all digits of a number that arrived as text. */
const exactly = (format: Intl.NumberFormat, value: number | string): string =>
  format.format(value as Intl.StringNumericLiteral);

/**
 * Parses a date; one without a time is that day in every time zone. Null for any other text, and for dates that do not
 * exist.
 */
export function asDate(value: unknown): Date | null {
  if (typeof value !== "string" || !isRealDay(value.slice(0, 10))) return null;
  const isDay = DATE_ONLY.test(value);
  if (!isDay && !DATE_TIME.test(value)) return null;
  // Without an offset, the time is in the reader's time zone.
  const date = new Date(isDay ? [value, "00:00"].join("T") : value);
  return Number.isNaN(date.getTime()) ? null : date;
}

const digitsOf = (decimals: number | undefined, most: number): Intl.NumberFormatOptions => {
  if (decimals === undefined) return { maximumFractionDigits: most };
  const digits = Math.min(Math.max(0, Math.trunc(decimals)), 10);
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
};

function currencyFormat(currency: string | undefined, decimals: number | undefined): Intl.NumberFormat {
  try {
    if (currency)
      return numberFormat({
        style: "currency",
        currency,
        ...(decimals === undefined ? {} : digitsOf(decimals, 2)),
      });
  } catch {
    // An unknown code: the value is shown without it.
  }
  return numberFormat(digitsOf(decimals ?? 2, 2));
}

/** Formats a value. Percentages are fractions: 0.021 is 2.1 %. */
export function formatFigure(value: unknown, style: FigureStyle = {}): string {
  if (value === null || value === undefined) return "–";
  const text = formatWithoutUnit(value, style);
  return style.unit && isNumber(value) ? `${text}\u00a0${style.unit}` : text;
}

function formatWithoutUnit(
  value: unknown,
  { format = "auto", currency, decimals, plain = false, spoken = false }: FigureStyle,
): string {
  if (format === "date" || format === "datetime") return formatDate(value, format === "datetime");
  if (format === "relative") return formatAgo(value);
  if (!isNumber(value) || format === "text")
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  const number = Number(value);
  if (format === "currency") return exactly(currencyFormat(currency, decimals), value);
  if (format === "percent")
    return exactly(numberFormat({ style: "percent", ...digitsOf(decimals, 1) }), value);
  if (format === "bytes") return number < 0 ? `-${formatBytes(-number)}` : formatBytes(number);
  if (format === "duration") return formatDuration(number);
  // Unchanged: text that only looks like a number, such as a code.
  if (format === "auto" && typeof value === "string" && decimals === undefined && !spoken) return value;
  return exactly(
    numberFormat({ ...digitsOf(decimals, 6), useGrouping: !(plain && format === "auto") }),
    value,
  );
}

function formatAgo(value: unknown): string {
  const date = typeof value === "number" ? new Date(value) : asDate(value);
  return date ? formatRelative(date) : String(value);
}

function formatDate(value: unknown, withTime: boolean): string {
  const date = typeof value === "number" ? new Date(value) : asDate(value);
  if (!date || Number.isNaN(date.getTime())) return String(value);
  return dateFormat(withTime ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "medium" }).format(
    date,
  );
}

/** The significant digits of axis labels, which may be close, and of the values beside marks. */
const [TICK_DIGITS, MARK_DIGITS] = [5, 4];

/** Formats a value for a mark of a chart: 1 594 323 is 1.594M. */
export const formatMark = (value: number, style?: FigureStyle): string =>
  formatTick(value, style, Math.abs(value) < 10_000 ? TICK_DIGITS : MARK_DIGITS);

/** Formats a value for a chart axis: 12 400 is 12.4K. Close ticks keep the digits that distinguish them. */
export function formatTick(
  value: number,
  { format = "auto", currency, plain = false }: FigureStyle = {},
  significant = TICK_DIGITS,
): string {
  if (plain && format === "auto")
    return numberFormat({ maximumFractionDigits: 6, useGrouping: false }).format(value);
  const digits = { maximumSignificantDigits: significant };
  if (format === "percent") return numberFormat({ ...digits, style: "percent" }).format(value);
  if (format === "bytes" || format === "duration") return formatFigure(value, { format });
  const compact = { ...digits, notation: "compact" } as const;
  if (format === "currency" && currency) {
    try {
      return numberFormat({ ...compact, style: "currency", currency }).format(value);
    } catch {
      // An unknown code: the value is shown without it.
    }
  }
  return numberFormat(compact).format(value);
}
