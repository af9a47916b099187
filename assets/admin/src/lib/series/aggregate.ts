import { amountOf, compareNumbers, decimalOf, isNumber, plus, type Decimal } from "@/lib/format/decimals";

export const aggregations = ["sum", "average", "count", "min", "max", "last"] as const;
export type Aggregation = (typeof aggregations)[number];
type Amount = number | string;

/** The most digits after the decimal point that are added as integers. */
const MOST_DIGITS = 9;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits);
/** Texts up to this length have at most 15 digits: a double holds them exactly. */
const SHORT = 15;

/**
 * An exact sum. Amounts with few digits are added as integers, which is many times faster than as decimals; others, and
 * sums that an integer does not hold, are added as decimals.
 */
export class ExactSum {
  private scaled = 0;
  private digits = 0;
  private rest: Decimal | null = null;
  /** Amounts whose exponent is too large for a decimal. */
  private huge: number | null = null;

  add(amount: Amount): void {
    const number = typeof amount === "number" ? amount : amount.length <= SHORT ? Number(amount) : NaN;
    for (let digits = this.digits; digits <= MOST_DIGITS; digits += 1) {
      const power = POWERS[digits] ?? 1;
      const scaled = Math.round(number * power);
      // Up to 15 digits, a double stands for one decimal.
      if (!Number.isSafeInteger(scaled) || (digits > 0 && Math.abs(scaled) > 1e15)) break;
      if (scaled / power !== number) continue;
      const before =
        digits === this.digits ? this.scaled : this.scaled * (power / (POWERS[this.digits] ?? 1));
      const sum = before + scaled;
      if (!Number.isSafeInteger(before) || !Number.isSafeInteger(sum)) break;
      this.scaled = sum;
      this.digits = digits;
      return;
    }
    const decimal = decimalOf(amount);
    if (!decimal) this.huge = (this.huge ?? 0) + Number(amount);
    else this.rest = this.rest ? plus(this.rest, decimal) : decimal;
  }

  /** Returns the sum as a number if a double holds it, else as its text. */
  value(): Amount {
    if (this.rest === null && this.huge === null && this.digits === 0) return this.scaled;
    const scaled: Decimal = { digits: BigInt(this.scaled), scale: this.digits };
    const sum = amountOf(this.rest ? plus(scaled, this.rest) : scaled);
    return this.huge === null ? sum : Number(sum) + this.huge;
  }
}

/** Combines the values of the rows of one mark. Values that are not numbers do not count. */
export class Combined {
  private count = 0;
  private readonly sum: ExactSum | null;
  private chosen: Amount | null = null;

  constructor(private readonly how: Aggregation) {
    this.sum = how === "sum" || how === "average" ? new ExactSum() : null;
  }

  /** How many values there are. */
  get size(): number {
    return this.count;
  }

  add(value: unknown): void {
    if (this.how === "count") {
      if (value !== null && value !== undefined) this.count += 1;
      return;
    }
    if (!isNumber(value)) return;
    this.count += 1;
    if (this.sum) {
      // A single value stays as it was written.
      this.chosen = this.count === 1 ? value : null;
      this.sum.add(value);
    } else if (this.chosen === null || this.how === "last") this.chosen = value;
    else if (
      this.how === "min" ? compareNumbers(value, this.chosen) < 0 : compareNumbers(value, this.chosen) > 0
    )
      this.chosen = value;
  }

  /** Returns the result; null without values. A count without rows is zero. */
  value(): Amount | null {
    if (this.how === "count") return this.count;
    if (this.count === 0) return null;
    if (this.chosen !== null) return this.chosen;
    const sum = this.sum?.value() ?? 0;
    return this.how === "average" ? Number(sum) / this.count : sum;
  }
}

const RATE =
  /(^|[_\s-])(avg|average|mean|median|rate|ratio|percent(age)?|pct|share|durchschnitt|mittel|quote|anteil)($|[_\s-])|%/i;
const CAMEL_RATE =
  /^(avg|average|mean|median)[A-Z]|[a-z](Avg|Average|Mean|Median|Rate|Ratio|Percent|Pct|Share)$/;

/** Whether a column's name suggests rates or averages, whose sums mean nothing. */
export const isRateName = (name: string): boolean => RATE.test(name) || CAMEL_RATE.test(name);
