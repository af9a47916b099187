import type { Column, QueryColumn } from "@/lib/api/model";
import { cellText, kindOf, type Row } from "@/lib/rows/cells";
import { isNumber } from "@/lib/format/decimals";
import { asDate, isCodeName } from "@/lib/format/figures";
import { isDay } from "@/lib/format/dates/moments";
import { toneOfWord } from "@/lib/format/tones";

/** What is proposed for a column, besides its name. */
type Proposal = Omit<QueryColumn, "name">;

const MONEY =
  /(^|[_\s-])(price|amount|revenue|sales|cost|costs|salary|mrr|arr|fee|fees|balance|budget|spend|profit|margin|preis|umsatz|betrag|kosten|gehalt)($|[_\s-])/i;
/** Totals are counts as often as money: they need decimals and a currency beside them. */
const TOTAL = /(^|[_\s-])(total|sum|value|net|gross|summe|wert)($|[_\s-])/i;
const SHARE = /(^|[_\s-])(percent(age)?|pct|rate|ratio|share|quote|anteil)($|[_\s-])|%/i;
const FLAG = /^(is|has|can|was)[_A-Z]|(^|[_-])(active|enabled|paid|verified|aktiv)$/i;
const BYTES = /(^|[_-])(bytes|file_?size|size_bytes)$/i;
const MILLISECONDS = /(^|[_-])(ms|millis|milliseconds)$|Ms$/;
const CURRENCY = /(^|[_-])(eur|usd|gbp|chf|jpy|cad|aud|sek|nok|dkk|pln|czk)$/i;
const UNIT = /_(kg|km|cm|mm|mb|gb|kwh|kw)$/i;
const CURRENCY_COLUMN = /^(currency|currency_?code|ccy|iso_?currency|währung|waehrung)$/i;
const SEPARATOR = /[_-]+|(?<=[a-z])(?=[A-Z])/;
const EPOCH = 100_000_000_000;
const MOST_STATUSES = 12;

/** Returns a name as a label: "order_total" is "Order total". */
function labelOf(name: string): string | undefined {
  if (!SEPARATOR.test(name)) return undefined;
  const words = name
    .split(SEPARATOR)
    .filter(Boolean)
    .map((word) => (/^(id|url|ip|mrr|arr|vat|sku)$/i.test(word) ? word.toUpperCase() : word.toLowerCase()));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const valuesOf = (rows: readonly Row[], name: string): unknown[] =>
  rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined && value !== "");

/** Returns the one currency of a result; undefined if there are several or none. */
function currencyOf(columns: readonly Column[], rows: readonly Row[]): string | undefined {
  const column = columns.find(({ name }) => CURRENCY_COLUMN.test(name));
  const found = column
    ? new Set(valuesOf(rows, column.name).map((value) => String(value).toUpperCase()))
    : [];
  const [one] = found;
  return new Set(found).size === 1 && one && /^[A-Z]{3}$/.test(one) ? one : undefined;
}

function numberProposal(name: string, values: readonly unknown[], currency: string | undefined): Proposal {
  const numbers = values.filter(isNumber).map(Number);
  const within = (least: number, most: number) =>
    numbers.length > 0 && numbers.every((number) => number >= least && number <= most);
  if (isCodeName(name)) return {};
  if (FLAG.test(name) && numbers.every((number) => number === 0 || number === 1)) return { type: "boolean" };
  if (BYTES.test(name)) return { format: "bytes" };
  if (MILLISECONDS.test(name)) return { format: "duration" };
  if (/(_at|time|date|zeit|datum)$/i.test(name) && within(EPOCH, EPOCH * 100)) return { format: "datetime" };
  if (SHARE.test(name) && within(-1, 1)) return { format: "percent" };
  if (SHARE.test(name) && within(-100, 100)) return { unit: "%" };
  const own = CURRENCY.exec(name)?.[2]?.toUpperCase();
  if (own) return { format: "currency", currency: own };
  if (MONEY.test(name))
    return currency ? { format: "currency", currency } : { format: "number", decimals: 2 };
  if (currency && TOTAL.test(name) && numbers.some((number) => !Number.isInteger(number)))
    return { format: "currency", currency };
  const unit = UNIT.exec(name)?.[1];
  return unit
    ? {
        unit: { kwh: "kWh", kw: "kW", mb: "MB", gb: "GB" }[unit.toLowerCase()] ?? unit.toLowerCase(),
      }
    : {};
}

function textProposal(column: Column, values: readonly unknown[]): Proposal {
  const { type } = column;
  // The datasource does not say that these texts are dates.
  if (
    !/^(timestamp|date)/i.test(type) &&
    values.length > 0 &&
    values.every((value) => asDate(value) !== null)
  )
    return { type: values.every(isDay) ? "date" : "datetime" };
  const texts = new Set(values.map(cellText));
  if (texts.size === 0 || texts.size > MOST_STATUSES) return {};
  const known = [...texts].flatMap((text) => {
    const tone = toneOfWord(text);
    return tone ? [[text, tone] as const] : [];
  });
  return known.length > 0 && known.length >= texts.size / 2 ? { colors: Object.fromEntries(known) } : {};
}

/**
 * Proposes how columns are shown, from their names, their types and the first rows: money, percentages, booleans, dates,
 * sizes, durations, known statuses and labels. Returns only columns with a proposal that says something new.
 */
export function proposeColumns(
  columns: readonly Column[],
  rows: readonly Row[],
  declared: readonly QueryColumn[],
): QueryColumn[] {
  const examined = rows.slice(0, 1000);
  const currency = currencyOf(columns, examined);
  return columns.flatMap((column) => {
    const { name } = column;
    if (declared.some((one) => one.name === name)) return [];
    const values = valuesOf(examined, name);
    const isNumeric = kindOf(column, examined) === "number";
    const found = isNumeric ? numberProposal(name, values, currency) : textProposal(column, values);
    const label = labelOf(name);
    const proposal = { ...found, ...(label ? { label } : {}) };
    return Object.keys(proposal).length > 0 ? [{ name, ...proposal }] : [];
  });
}
