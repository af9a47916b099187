import { plural, t } from "@lingui/core/macro";
import type { Column } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import { cellText, type Row } from "@/lib/rows/cells";
import { isRateName } from "@/lib/series/aggregate";
import { labelOfColumn } from "../../../config";

/**
 * What readers must know so that a chart does not mislead them. Each notice names the problem, and what to do about it.
 */

export const truncation = (truncated: boolean | undefined, rows: number): string[] =>
  truncated
    ? [
        t`Only the first ${formatNumber(rows)} rows were loaded, so values may be too low. Aggregate in the query, or raise its row limit.`,
      ]
    : [];

/** Returns how many rows have no value in a column and are not shown. */
export const leftOut = (count: number, field: string): string[] =>
  count > 0
    ? [
        plural(count, {
          one: `# row without a value in “${field}” is not shown.`,
          other: `# rows without a value in “${field}” are not shown.`,
        }),
      ]
    : [];

const MOST_NAMED = 5;

interface Mixture {
  pattern: RegExp;
  added: (names: string) => string;
  compared: (names: string) => string;
}

const MIXED: readonly Mixture[] = [
  {
    pattern: /^(currency|currency_?code|ccy|iso_?currency|währung|waehrung)$/i,
    added: (names) =>
      t`Different currencies are added up: ${names}. Split by the currency, or convert in the query.`,
    compared: (names) =>
      t`The values are in different currencies: ${names}. Split by the currency, or convert in the query.`,
  },
  {
    pattern: /^(unit|units|uom|unit_?of_?measure|einheit)$/i,
    added: (names) => t`Different units are added up: ${names}. Split by the unit, or convert in the query.`,
    compared: (names) =>
      t`The values have different units: ${names}. Split by the unit, or convert in the query.`,
  },
];

/** Warns about amounts of several currencies or units on one axis, unless a column in `apart` separates them. */
export function mixedNotes(
  rows: readonly Row[],
  columns: readonly Column[],
  apart: readonly string[],
  isAdded = true,
): string[] {
  const names = columns.map(({ name }) => name);
  return MIXED.flatMap(({ pattern, added, compared }) => {
    const field = names.find((name) => pattern.test(name));
    if (!field || apart.includes(field)) return [];
    const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
    const found = [...new Set(values)];
    const named = found.slice(0, MOST_NAMED).map(cellText).join(", ");
    return found.length > 1 ? [isAdded ? added(named) : compared(named)] : [];
  });
}

/** Warns about sums of rates and averages. */
export const rateNotes = (summed: readonly string[], columns: readonly Column[]): string[] =>
  summed
    .filter(isRateName)
    .map(
      (field) =>
        t`“${labelOfColumn(columns, field)}” is summed, but looks like a rate or an average. Choose another aggregation.`,
    );

/** Warns about values that a logarithmic axis does not have. */
export const logarithmNotes = (lost: number): string[] =>
  lost > 0
    ? [
        plural(lost, {
          one: "# value at or below zero cannot be shown on a logarithmic axis. Use an axis that is not logarithmic.",
          other:
            "# values at or below zero cannot be shown on a logarithmic axis. Use an axis that is not logarithmic.",
        }),
      ]
    : [];

/** Warns about values beyond the configured ends of an axis, or of a range of colors. */
export function rangeNotes(
  values: readonly (number | null)[],
  [min, max]: readonly [number | null, number | null],
): string[] {
  const beyond = values.filter(
    (value) => value !== null && ((min !== null && value < min) || (max !== null && value > max)),
  ).length;
  return beyond > 0
    ? [
        plural(beyond, {
          one: "# value is outside the configured range. Change its minimum or maximum.",
          other: "# values are outside the configured range. Change its minimum or maximum.",
        }),
      ]
    : [];
}

interface Parts {
  /** How many parts are shown apart from “Other”. */
  shown: number;
  /** How many parts “Other” combines, and whether it is larger than every other part. */
  combined: number;
  isOtherLargest: boolean;
  /** How many parts are not shown at all. */
  hidden: number;
  /** The number of distinct colors. */
  colors: number;
}

/** Warns about more parts of a whole than people can compare, and about those that are missing. */
export const partNotes = ({ shown, combined, isOtherLargest, hidden, colors }: Parts): string[] => [
  ...(shown > colors
    ? [t`${shown} parts are hard to compare, and colors repeat. Lower the limit, or use a bar chart.`]
    : []),
  ...(isOtherLargest && shown <= colors
    ? [t`“Other” combines ${combined} parts and is the largest. Raise the limit, or use a bar chart.`]
    : []),
  ...(hidden > 0
    ? [
        plural(hidden, {
          one: "# smaller part is not shown, so percentages are of the shown ones. Turn on “Other”.",
          other: "# smaller parts are not shown, so percentages are of the shown ones. Turn on “Other”.",
        }),
      ]
    : []),
];

/** Warns about points of several groups that share a color. */
export const groupNotes = (label: string, groups: number, combined: number): string[] =>
  combined > 0
    ? [
        t`${label} has ${groups} values. The ${combined} with the fewest points are combined as “Other”. Filter them in the query.`,
      ]
    : [];

/** Warns about a step that is larger than the one before: then the fractions say nothing. */
export const stepNotes = (steps: readonly { name: string; value: number }[]): string[] => {
  const wrong = steps.find((step, index) => index > 0 && step.value > (steps[index - 1]?.value ?? 0));
  return wrong
    ? [
        t`“${wrong.name}” is larger than the step before it. Turn on “Sorted”, or change the order of the rows.`,
      ]
    : [];
};
