import { plural, t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import { cellText, type Row } from "@/lib/rows/cells";
import { isRateName } from "@/lib/series/aggregate";
import type { Grain } from "@/lib/series/grain";
import type { Shaped, Shaping } from "@/lib/series/series";
import { isOn, labelOfColumn } from "../../config";
import { leftOut } from "./shared";
import type { PlotOptions, PlotSeries } from "./plot";

interface Drawn {
  config: JsonObject;
  rows: readonly Row[];
  columns: readonly Column[];
  shaping: Shaping;
  shaped: Shaped;
  series: readonly PlotSeries[];
  stack: "none" | "normal" | "percent";
  options: PlotOptions;
  /** The number of rows without a time. */
  untimed: number;
}

/** Returns what readers must know so that the chart does not mislead them. */
export function notesOf(drawn: Drawn): string[] {
  return [
    ...truncation(drawn.options.truncated, drawn.rows.length),
    ...combination(drawn),
    ...mixtures(drawn),
    ...splitting(drawn),
    ...beyond(drawn),
    ...gaps(drawn),
    ...scales(drawn),
    ...leftOut(drawn.untimed + drawn.shaped.facts.untimed, drawn.shaping.x),
  ];
}

export const truncation = (truncated: boolean | undefined, rows: number): string[] =>
  truncated ? [t`Only the first ${formatNumber(rows)} rows were loaded, so values may be too low.`] : [];

/** Says how rows were combined where the author did not choose it, and averages of averages in any case. */
function combination({ config, shaping, shaped, columns }: Drawn): string[] {
  if (!shaped.facts.isCombined) return [];
  const label = labelOfColumn(columns, shaping.x);
  const averaged = shaping.marks.filter(({ how }) => how === "average").map(({ field }) => field);
  const summed = shaping.marks.some(({ how }) => how === "sum");
  const isChosen = (config["aggregate"] ?? "auto") !== "auto" || shaped.facts.grain !== null;
  const sums = shaping.marks.filter(({ how }) => how === "sum").map(({ field }) => field);
  return [
    ...(summed && !isChosen ? [t`Rows with the same ${label} are summed.`] : []),
    ...averaged
      .filter((field) => isRateName(field) || !isChosen)
      .map((field) =>
        isRateName(field)
          ? t`“${labelOfColumn(columns, field)}” is averaged over rows of equal weight: an average of averages.`
          : t`“${labelOfColumn(columns, field)}” is averaged.`,
      ),
    ...rateNotes(sums, columns),
  ];
}

const MIXED: readonly [RegExp, (names: string) => string][] = [
  [
    /^(currency|currency_?code|ccy|iso_?currency|währung|waehrung)$/i,
    (names) => t`Different currencies are added up: ${names}.`,
  ],
  [/^(unit|units|uom|unit_?of_?measure|einheit)$/i, (names) => t`Different units are added up: ${names}.`],
];
const MOST_NAMED = 5;

/** Warns about amounts of several currencies or units that are added up, unless a column in `apart` separates them. */
export function mixedNotes(
  rows: readonly Row[],
  columns: readonly Column[],
  apart: readonly string[],
): string[] {
  const names = columns.map(({ name }) => name);
  return MIXED.flatMap(([pattern, note]) => {
    const field = names.find((name) => pattern.test(name));
    if (!field || apart.includes(field)) return [];
    const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
    const found = [...new Set(values)];
    return found.length > 1 ? [note(found.slice(0, MOST_NAMED).map(cellText).join(", "))] : [];
  });
}

/** Warns about sums of rates and averages. */
export const rateNotes = (summed: readonly string[], columns: readonly Column[]): string[] =>
  summed
    .filter(isRateName)
    .map((field) => t`“${labelOfColumn(columns, field)}” is summed, but looks like a rate or an average.`);

function mixtures({ rows, columns, shaping, shaped, series, stack }: Drawn): string[] {
  const isAdded = shaped.facts.isCombined || stack !== "none";
  const units = [0, 1].some((axis) => {
    const own = series
      .filter((one) => one.axis === axis)
      .map(({ style }) => [style.format, style.currency, style.unit].join(" "));
    return new Set(own).size > 1;
  });
  // A series, or an axis value, for each of them does not mix them, unless the series are stacked.
  const apart = stack === "none" ? [shaping.x, shaping.split] : [shaping.x];
  return [
    ...(isAdded ? mixedNotes(rows, columns, apart) : []),
    ...(units ? [t`Series with different units share one axis. Use the second axis for one of them.`] : []),
  ];
}

function splitting({ config, columns, shaping, shaped, series }: Drawn): string[] {
  const combined = shaped.series.find((one) => one.combined > 0)?.combined ?? 0;
  const label = labelOfColumn(columns, shaping.split);
  const isGuessed = shaping.split !== "" && !config["split"];
  return [
    ...(isGuessed ? [t`Split by ${label}, because the values on the axis repeat.`] : []),
    ...(combined > 0 && series.length > 0
      ? [t`${label} has ${shaped.facts.splits} values. The smallest ${combined} are combined as “Other”.`]
      : []),
  ];
}

function beyond({ shaping, shaped }: Drawn): string[] {
  const { beyond: count, grain } = shaped.facts;
  if (count === 0 || (shaping.other && grain === null)) return [];
  return grain
    ? [plural(count, { one: "# earlier period is not shown.", other: "# earlier periods are not shown." })]
    : [plural(count, { one: "# smaller value is not shown.", other: "# smaller values are not shown." })];
}

function emptyPeriods(grain: Grain, count: number): string {
  switch (grain) {
    case "hour":
      return plural(count, { one: "# hour has no data.", other: "# hours have no data." });
    case "day":
      return plural(count, { one: "# day has no data.", other: "# days have no data." });
    case "week":
      return plural(count, { one: "# week has no data.", other: "# weeks have no data." });
    case "month":
      return plural(count, { one: "# month has no data.", other: "# months have no data." });
    case "quarter":
      return plural(count, { one: "# quarter has no data.", other: "# quarters have no data." });
    case "year":
      return plural(count, { one: "# year has no data.", other: "# years have no data." });
  }
}

/** Says what was done about missing values. */
function gaps({ config, shaped }: Drawn): string[] {
  const { emptyPeriods: count, grain } = shaped.facts;
  const isHoled = shaped.series.some(({ values }) => values.includes(null));
  if (config["gaps"] === "zero" && isHoled) return [t`Missing values are shown as zero.`];
  if (config["gaps"] === "connect" && isHoled) return [t`Lines continue across missing values.`];
  return grain && count > 0 ? [emptyPeriods(grain, count)] : [];
}

function scales({ config, series, stack }: Drawn): string[] {
  const values = series.filter(({ axis }) => axis === 0).flatMap((one) => one.values);
  const isLog = isOn(config, "logScale");
  const lost = isLog ? values.filter((value) => value !== null && Number(value) <= 0).length : 0;
  const isMixed =
    stack === "normal" &&
    series.some(({ isStacked, values: own }) => isStacked && own.some((value) => Number(value) < 0));
  return [
    ...(isMixed ? [t`Negative values are stacked below zero, so heights do not add up to the total.`] : []),
    ...(isLog && stack !== "none" ? [t`Stacked heights cannot be compared on a logarithmic axis.`] : []),
    ...(lost > 0
      ? [
          plural(lost, {
            one: "# value at or below zero cannot be shown on a logarithmic axis.",
            other: "# values at or below zero cannot be shown on a logarithmic axis.",
          }),
        ]
      : []),
  ];
}
