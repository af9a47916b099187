import { region } from "./i18n";
import { formatBytes, formatDuration, formatRelative } from "./format";

export const figureFormats = ["auto", "text", "number", "currency", "percent", "bytes", "duration", "date", "datetime", "relative"] as const;

export type FigureFormat = (typeof figureFormats)[number];

export interface FigureStyle {
  format?: FigureFormat | undefined;
  /** ISO 4217 code, for `currency`. */
  currency?: string | undefined;
  /** Digits after the point. */
  decimals?: number | undefined;
}

/** What stands on the right of its column. */
export const isNumericFormat = (format: FigureFormat | undefined): boolean => format !== undefined && ["number", "currency", "percent", "bytes", "duration"].includes(format);

const DATE_ONLY = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number, also one that came as text because it has more digits than a double holds. */
export function asNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : null;
}

/** A moment; a date without a time is that day wherever the reader is. */
export function asDate(value: unknown): Date | null {
  if (typeof value !== "string") return null;
  const day = DATE_ONLY.exec(value);
  if (day) return new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]));
  if (!DATE_TIME.test(value)) return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

const digitsOf = (decimals: number | undefined, most: number): Intl.NumberFormatOptions => {
  if (decimals === undefined) return { maximumFractionDigits: most };
  const digits = Math.min(Math.max(0, Math.trunc(decimals)), 10);
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
};

function currencyFormat(currency: string | undefined, decimals: number | undefined): Intl.NumberFormat {
  try {
    if (currency) return new Intl.NumberFormat(region(), { style: "currency", currency, ...(decimals === undefined ? {} : digitsOf(decimals, 2)) });
  } catch {
    // An unknown code: the figure is shown without it.
  }
  return new Intl.NumberFormat(region(), digitsOf(decimals ?? 2, 2));
}

/** How a figure is written. Shares are fractions: 0.021 is 2.1 %. */
export function formatFigure(value: unknown, { format = "auto", currency, decimals }: FigureStyle = {}): string {
  if (value === null || value === undefined) return "–";
  if (format === "date" || format === "datetime") return formatDate(value, format === "datetime");
  if (format === "relative") return formatAgo(value);
  const number = asNumber(value);
  if (number === null || format === "text") return typeof value === "object" ? JSON.stringify(value) : String(value);
  if (format === "currency") return currencyFormat(currency, decimals).format(number);
  if (format === "percent") return new Intl.NumberFormat(region(), { style: "percent", ...digitsOf(decimals, 1) }).format(number);
  if (format === "bytes") return number < 0 ? `-${formatBytes(-number)}` : formatBytes(number);
  if (format === "duration") return formatDuration(number);
  // Left alone: text that only looks like a number, such as an exact decimal or a code.
  if (format === "auto" && typeof value === "string" && decimals === undefined) return value;
  return new Intl.NumberFormat(region(), digitsOf(decimals, 6)).format(number);
}

function formatAgo(value: unknown): string {
  const date = typeof value === "number" ? new Date(value) : asDate(value);
  return date ? formatRelative(date) : String(value);
}

function formatDate(value: unknown, withTime: boolean): string {
  const date = typeof value === "number" ? new Date(value) : asDate(value);
  if (!date || Number.isNaN(date.getTime())) return String(value);
  return new Intl.DateTimeFormat(region(), withTime ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "medium" }).format(date);
}

/** Short, for the axis of a chart: 12 400 is 12.4K. Marks that lie close together keep the digits that tell them apart. */
export function formatTick(value: number, { format = "auto", currency }: FigureStyle = {}): string {
  const digits = { maximumSignificantDigits: 5 };
  if (format === "percent") return new Intl.NumberFormat(region(), { ...digits, style: "percent" }).format(value);
  if (format === "bytes" || format === "duration") return formatFigure(value, { format });
  const compact = { ...digits, notation: "compact" } as const;
  if (format === "currency" && currency) {
    try {
      return new Intl.NumberFormat(region(), { ...compact, style: "currency", currency }).format(value);
    } catch {
      // An unknown code: the figure is shown without it.
    }
  }
  return new Intl.NumberFormat(region(), compact).format(value);
}
