import { t } from "@lingui/core/macro";
import { exactNumber, isNumber } from "./decimals";
import { numberSeparators } from "./format";

/** Writes a number with the reader's decimal separator, and no other. */
export const printNumber = (text: string): string =>
  /^-?\d+\.\d+$/.test(text) ? text.replace(".", numberSeparators().decimalSeparator) : text;

/** Whether a point could separate thousands or decimals: 1.149 where people write 1.149,50. */
const isAmbiguous = (text: string): boolean =>
  numberSeparators().decimalSeparator === "," && /^-?[1-9]\d{0,2}\.\d{3}$/.test(text);

/** Parses a number as people and spreadsheets write it. Returns null for any other text, and for an ambiguous number. */
export function readNumber(text: string): number | string | null {
  const plain = text.trim().replace(/[\s\u00a0\u202f']/g, "");
  if (isAmbiguous(plain)) return null;
  const exact = exactNumber(plain);
  if (exact !== null) return exact;
  const { decimalSeparator: decimal } = numberSeparators();
  const [grouping, point] = decimal === "," ? [/\./g, /,/] : [/,/g, /\./];
  const grouped =
    decimal === "," ? /^-?\d{1,3}(\.\d{3})*(,\d+)?$|^-?\d+,\d+$/ : /^-?\d{1,3}(,\d{3})+(\.\d+)?$/;
  return grouped.test(plain) ? exactNumber(plain.replace(grouping, "").replace(point, ".")) : null;
}

/** Returns why a text is not a number; null if it is. */
export const typedProblem = (text: string): string | null =>
  readNumber(text) === null ? numberProblem(text.trim()) : null;

/** Returns why a value is not a number; null if it is. */
export function numberProblem(value: unknown): string | null {
  if (typeof value === "string" && isAmbiguous(value)) {
    const [whole, decimal] = [value.replace(".", ""), value.replace(".", ",")];
    return t`Enter ${whole} or ${decimal}: a point could mean either.`;
  }
  return isNumber(value) ? null : t`Enter a number, such as 12.5.`;
}
