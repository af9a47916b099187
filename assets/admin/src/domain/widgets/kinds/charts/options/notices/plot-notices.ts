import { plural, t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { asNumber } from "@/lib/format/figures";
import { isDescending, type ColumnKind, type Row } from "@/lib/rows/cells";
import { isRateName } from "@/lib/series/aggregate";
import type { Grain } from "@/lib/series/grain";
import type { Shaped, Shaping } from "@/lib/series/series";
import { isOn, labelOfColumn } from "../../../config";
import type { PlotOptions, PlotSeries } from "../plot";
import { leftOut, logarithmNotes, mixedNotes, rangeNotes, rateNotes, truncation } from "./notices";

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
  /** What the values on the axis are, and whether they have a place on it, as on an axis of time. */
  kind: ColumnKind;
  isTimed: boolean;
}

/** Returns what readers of a chart with axes must know. */
export function notesOf(drawn: Drawn): string[] {
  return [
    ...truncation(drawn.options.truncated, drawn.rows.length),
    ...combination(drawn),
    ...disorder(drawn),
    ...mixtures(drawn),
    ...splitting(drawn),
    ...beyond(drawn),
    ...gaps(drawn),
    ...scales(drawn),
    ...ranges(drawn),
    ...leftOut(drawn.untimed + drawn.shaped.facts.untimed, drawn.shaping.x),
  ];
}

/** Says how rows were combined where the author did not choose it, and averages of averages in any case. */
function combination({ config, shaping, shaped, columns }: Drawn): string[] {
  if (!shaped.facts.isCombined) return [];
  const label = labelOfColumn(columns, shaping.x);
  const averaged = shaping.marks.filter(({ how }) => how === "average").map(({ field }) => field);
  const summed = shaping.marks.some(({ how }) => how === "sum");
  const isChosen = (config["aggregate"] ?? "auto") !== "auto" || shaped.facts.grain !== null;
  const sums = shaping.marks.filter(({ how }) => how === "sum").map(({ field }) => field);
  return [
    ...(summed && !isChosen
      ? [t`Rows with the same ${label} are summed. Choose an aggregation, or split by a column.`]
      : []),
    ...averaged
      .filter((field) => isRateName(field) || !isChosen)
      .map((field) =>
        isRateName(field)
          ? t`“${labelOfColumn(columns, field)}” is averaged over rows of equal weight: an average of averages.`
          : t`“${labelOfColumn(columns, field)}” is averaged. Choose an aggregation, or split by a column.`,
      ),
    ...rateNotes(sums, columns),
  ];
}

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
    ...mixedNotes(rows, columns, apart, isAdded),
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

/** Says that a line goes back and forth, because the values on its axis are in no order. */
function disorder({ columns, shaping, shaped, series, kind, isTimed }: Drawn): string[] {
  const isLine = series.some(({ shape }) => shape === "line");
  if (!isLine || isTimed || shaping.order !== "rows" || shaped.facts.grain) return [];
  if (kind !== "number" && kind !== "moment") return [];
  const values = shaped.axis.filter(({ isOther }) => !isOther).map(({ value }) => value);
  if (isDescending(values, kind) || isDescending([...values].reverse(), kind)) return [];
  const label = labelOfColumn(columns, shaping.x);
  return [
    t`The values of “${label}” are in no order, so the line goes back and forth. Set “Sort order” to “By category”.`,
  ];
}

function scales({ config, series, stack }: Drawn): string[] {
  const values = series.filter(({ axis }) => axis === 0).flatMap((one) => one.values);
  const isLog = isOn(config, "logScale");
  const lost = isLog ? values.filter((value) => value !== null && Number(value) <= 0).length : 0;
  const stacked = series.filter(({ isStacked }) => isStacked).flatMap((one) => one.values.map(Number));
  const isMixed =
    stack === "normal" && stacked.some((value) => value < 0) && stacked.some((value) => value > 0);
  return [
    ...(isMixed
      ? [
          t`Negative values are stacked below zero, so heights do not add up to the total. Show the series side by side.`,
        ]
      : []),
    ...(isLog && stack !== "none"
      ? [t`Stacked heights cannot be compared on a logarithmic axis. Show the series side by side.`]
      : []),
    ...logarithmNotes(lost),
  ];
}

/** Says which values the configured ends of the axes cut off, and that bars do not start at zero. */
function ranges({ config, series, stack }: Drawn): string[] {
  const ends = (min: string, max: string) => [asNumber(config[min]), asNumber(config[max])] as const;
  const [first, second] = [ends("axisMin", "axisMax"), ends("secondMin", "secondMax")];
  const valuesOf = (side: 0 | 1) =>
    series
      .filter(({ axis, isStacked }) => axis === side && !isStacked)
      .flatMap(({ values }) => values.map((value) => (value === null ? null : Number(value))));
  const hasBars = series.some(({ shape, axis }) => shape === "bar" && axis === 0);
  const isCut = hasBars && !isOn(config, "logScale") && ((first[0] ?? 0) > 0 || (first[1] ?? 0) < 0);
  return [
    ...(isCut
      ? [t`The axis does not start at zero, so the lengths of bars cannot be compared. Clear its minimum.`]
      : []),
    ...(stack === "percent" ? [] : rangeNotes(valuesOf(0), isCut ? [null, first[1]] : first)),
    ...rangeNotes(valuesOf(1), second),
  ];
}
