/** The pattern of a number as text: exact decimals arrive as text where a double would lose digits. */
const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Larger exponents are left to doubles: written out they would fill the memory. */
const MAX_EXPONENT = 400;

/** `digits` × 10^-`scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/** Whether a value is a finite number, or its text. */
export function isNumber(value: unknown): value is number | string {
  return typeof value === "number" ? Number.isFinite(value) : typeof value === "string" && NUMBER.test(value);
}

/** Returns null if it is not a number, or one too large or small to be written out. */
export function decimalOf(value: number | string): Decimal | null {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = NUMBER.exec(String(value)) ?? [];
  if (whole === "" || Math.abs(Number(exponent)) > MAX_EXPONENT) return null;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

/** Returns the same decimals with equal scale. */
function aligned(a: Decimal, b: Decimal): [bigint, bigint, scale: number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale];
}

/** Compares numbers, also those with more digits than a double holds. */
export function compareNumbers(a: number | string, b: number | string): number {
  const [left, right] = [Number(a), Number(b)];
  if (left !== right) return left < right ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return 0;
  const [one, other] = [decimalOf(a), decimalOf(b)];
  if (!one || !other) return 0;
  const [x, y] = aligned(one, other);
  return x < y ? -1 : x > y ? 1 : 0;
}

function textOf({ digits, scale }: Decimal): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const [whole, fraction] = [
    text.slice(0, text.length - scale),
    text.slice(text.length - scale).replace(/0+$/, ""),
  ];
  return `${digits < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/** Returns one text for each amount, however it is written: 10, "10.0" and "1e1" are "10". */
export function canonical(value: number | string): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const decimal = decimalOf(value);
  return decimal ? textOf(decimal) : String(Number(value));
}

/** Returns the exact sum: a number if a double holds it, else its text. */
export function addNumbers(a: number | string, b: number | string): number | string {
  if (
    typeof a === "number" &&
    typeof b === "number" &&
    Number.isSafeInteger(a) &&
    Number.isSafeInteger(b) &&
    Number.isSafeInteger(a + b)
  )
    return a + b;
  const [one, other] = [decimalOf(a), decimalOf(b)];
  if (!one || !other) return Number(a) + Number(b);
  return amountOf(plus(one, other));
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b);
  return { digits: x + y, scale };
}

/** Returns a decimal as a number if a double holds it, else as its text. */
export function amountOf(decimal: Decimal): number | string {
  const text = textOf(decimal);
  return canonical(Number(text)) === text ? Number(text) : text;
}

/**
 * Parses a number: as a number if a double holds it, else as its text, so that no digit is lost. Null if it is not a
 * number.
 */
export function exactNumber(value: unknown): number | string | null {
  if (!isNumber(value)) return null;
  const isHeld =
    typeof value === "number" || (decimalOf(value) !== null && canonical(Number(value)) === canonical(value));
  return isHeld ? Number(value) : value;
}

/** Returns the sum of the numbers among the values; null if there are none. */
export const sumOf = (values: readonly unknown[]): number | string | null =>
  values.reduce<number | string | null>(
    (sum, value) => (isNumber(value) ? (sum === null ? value : addNumbers(sum, value)) : sum),
    null,
  );
