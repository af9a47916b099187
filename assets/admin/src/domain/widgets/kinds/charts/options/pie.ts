import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { compareNumbers, sumOf } from "@/lib/format/decimals";
import { asNumber, formatFigure, formatMark, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows } from "@/lib/rows/categories";
import { compareValues, type ColumnKind, type Row } from "@/lib/rows/cells";
import { shorten } from "@/lib/format/shorten";
import { isOn, labelOfColumn, styleOf, textOf } from "../../config";
import { hexOf, valueColors } from "../chart-colors";
import { legendSetting } from "./legend";
import { leftOut, mixedNotes, partNotes, rateNotes, truncation } from "./notices/notices";
import {
  common,
  escapeHtml,
  plainContext,
  rowIndexOf,
  tooltipHtml,
  withoutNumbers,
  type ChartOption,
  type Drawing,
  type DrawingContext,
  type Missing,
} from "./shared";

/** With the rest, one for each color. */
const USUAL_PARTS = 7;

export interface Slice {
  name: string;
  value: number;
  exact: number | string;
  /** Its row among the shown ones; absent for merged slices. */
  row?: number;
}

type Shares = ReturnType<typeof shares>;

/** Merges the rows of each name, with their sum. */
function shares(rows: readonly Row[], label: string, value: string, columns: readonly Column[]) {
  const groups = groupsOf(rows, label, categoriesOf(rows, label, columns));
  return groups.map((group) => ({
    name: group.label,
    value: group.value,
    exact: sumOf(group.rows.map((row) => row[value])),
    row: mergeRows(group.rows, { [label]: group.value, [value]: sumOf(group.rows.map((row) => row[value])) }),
    many: group.rows.length > 1,
  }));
}

interface Slices {
  slices: Slice[];
  /** The parts beyond the limit. */
  rest: readonly Slice[];
}

/** Returns the configured number of the largest slices, and the rest. A single remaining slice is not combined. */
function limited(config: JsonObject, sorted: readonly Slice[]): [kept: Slice[], rest: Slice[]] {
  const set = asNumber(config["limit"]);
  const isSet = set !== null && set >= 1;
  const limit = isSet ? set : USUAL_PARTS;
  if (sorted.length <= (isSet ? limit : limit + 1)) return [[...sorted], []];
  return [sorted.slice(0, limit), sorted.slice(limit)];
}

/** Returns the slices in their order, largest first if none is configured; the rest is merged into the last. */
function slicesOf(config: JsonObject, all: Shares, kind: ColumnKind): Slices {
  const found: Slice[] = all.flatMap(({ name, exact }, row) =>
    exact !== null && Number(exact) > 0 ? [{ name, value: Number(exact), exact, row }] : [],
  );
  const [slices, rest] = limited(
    config,
    [...found].sort((a, b) => compareNumbers(b.exact, a.exact)),
  );
  const compare = compareValues(kind);
  const place = ({ row = 0 }: Slice) => row;
  if (config["order"] === "rows") slices.sort((a, b) => place(a) - place(b));
  if (config["order"] === "smallest") slices.reverse();
  if (config["order"] === "axis") slices.sort((a, b) => compare(all[place(a)]?.value, all[place(b)]?.value));
  if (rest.length === 0 || config["other"] === false) return { slices, rest };
  const exact = sumOf(rest.map((slice) => slice.exact)) ?? 0;
  return { slices: [...slices, { name: t`Other (${rest.length})`, value: Number(exact), exact }], rest };
}

export function pieSlices(
  rows: readonly Row[],
  label: string,
  value: string,
  config: JsonObject = {},
): Slice[] {
  const { kind } = categoriesOf(rows, label);
  return slicesOf(config, shares(rows, label, value, []), kind).slices;
}

export function pieDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: DrawingContext = plainContext,
): Drawing | Missing {
  const [label, value] = [textOf(config, "label"), textOf(config, "value")];
  if (!label) return { missing: t`Select the column with the slice labels.` };
  if (!value) return { missing: t`Select the column with the slice sizes.` };
  const mute = withoutNumbers(rows, value);
  if (mute) return mute;
  const all = shares(rows, label, value, columns);
  if (all.some(({ exact }) => Number(exact) < 0))
    return { missing: t`A pie chart cannot show negative values. Use a bar chart instead.` };
  const found = slicesOf(config, all, categoriesOf(rows, label, columns).kind);
  if (found.slices.length === 0) return { missing: t`No row has a value above zero.` };
  const colorFor = valueColors(config, columns, label, rows);
  const data = found.slices.map((slice) => {
    const color = slice.row === undefined ? null : colorFor(all[slice.row]?.value);
    return { ...slice, ...(color ? { itemStyle: { color: hexOf(color, context) } } : {}) };
  });
  const seen = {
    columns: [
      { field: label, label: labelOfColumn(columns, label), figure: false },
      { field: value, label: labelOfColumn(columns, value), figure: true },
    ],
    rows: all.map(({ row }) => row),
  };
  return {
    option: optionOf(config, data, styleOf(config, value, columns)),
    seen,
    notes: notesOf({ rows, columns, all, found, label, value }, context),
    pick: (params) => {
      const index = rowIndexOf(params);
      if (index !== undefined) return seen.rows[index];
      // The rest has the values that its parts have in common.
      const rest = found.rest.flatMap(({ row }) => (row === undefined ? [] : [all[row]?.row ?? {}]));
      return rest.length ? mergeRows(rest, {}) : undefined;
    },
  };
}

interface Drawn {
  rows: readonly Row[];
  columns: readonly Column[];
  all: Shares;
  found: Slices;
  label: string;
  value: string;
}

function notesOf(
  { rows, columns, all, found: { slices, rest }, label, value }: Drawn,
  { truncated, palette }: DrawingContext,
): string[] {
  const isSummed = all.some(({ many }) => many);
  const other = slices.find(({ row }) => row === undefined);
  const parts = slices.filter((slice) => slice !== other);
  return [
    ...truncation(truncated, rows.length),
    ...(isSummed ? [t`Rows with the same ${labelOfColumn(columns, label)} are summed.`] : []),
    ...rateNotes(isSummed ? [value] : [], columns),
    ...mixedNotes(rows, columns, [label]),
    ...partNotes({
      shown: slices.length,
      combined: rest.length,
      isOtherLargest:
        other !== undefined && parts.every((slice) => compareNumbers(other.exact, slice.exact) > 0),
      hidden: other ? 0 : rest.length,
      colors: palette.length,
    }),
    ...leftOut(all.filter(({ exact }) => exact === null).length, value),
  ];
}

interface Pointed {
  marker?: string;
  name?: string;
  data?: Slice;
  percent?: number;
}

const percentOf = (percent: number) => formatFigure(percent / 100, { format: "percent" });

function labelsOf(config: JsonObject, style: FigureStyle): ChartOption {
  const kind = textOf(config, "labels");
  if (kind !== "name" && kind !== "value" && kind !== "percent") return { label: { show: false } };
  return {
    label: {
      show: true,
      overflow: "truncate",
      formatter: ({ name = "", data, percent = 0 }: Pointed) =>
        kind === "percent"
          ? percentOf(percent)
          : kind === "value"
            ? formatMark(data?.value ?? 0, style)
            : shorten(name, MOST_LETTERS),
    },
    labelLine: { length: 8, length2: 6 },
    labelLayout: { hideOverlap: true },
  };
}

/** The most characters of a name at a slice, or in the legend. */
const MOST_LETTERS = 24;
/** With more names, the legend has pages. */
const LONG_LEGEND = 8;

function optionOf(config: JsonObject, data: readonly Slice[], style: FigureStyle): ChartOption {
  return {
    ...common,
    legend: {
      type: data.length > LONG_LEGEND ? "scroll" : "plain",
      data: data.map(({ name }) => name),
      formatter: (name: string) => shorten(name, MOST_LETTERS),
      tooltip: { show: true, formatter: ({ name = "" }: { name?: string }) => escapeHtml(name) },
    },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", name = "", data: slice, percent = 0 }: Pointed) =>
        tooltipHtml(marker, name, [
          ["", `${formatFigure(slice?.exact ?? null, style)} · ${percentOf(percent)}`],
        ]),
    },
    series: [{ type: "pie", emphasis: { scaleSize: 4 }, data, ...labelsOf(config, style) }],
    media: pieMedia(config),
  };
}

type Place = "top" | "bottom" | "right" | "hidden";

const LEGENDS: Record<Place, ChartOption> = {
  right: { show: true, orient: "vertical", left: "auto", right: 0, top: "middle", bottom: "auto" },
  bottom: { show: true, orient: "horizontal", left: "center", right: "auto", top: "auto", bottom: 0 },
  top: { show: true, orient: "horizontal", left: "center", right: "auto", top: 0, bottom: "auto" },
  hidden: { show: false },
};

/** The center of the pie and its size in percent, with a legend in that place. */
const PLACES: Record<Place, readonly [x: number, y: number, size: number]> = {
  right: [34, 50, 82],
  bottom: [50, 41, 72],
  top: [50, 58, 72],
  hidden: [50, 50, 86],
};

/**
 * If their place is automatic, the names are beside the pie if there is room, else in a legend below it. In a small tile
 * they are only in the tooltip.
 */
function pieMedia(config: JsonObject): ChartOption[] {
  const isLabelled = ["name", "value", "percent"].includes(textOf(config, "labels"));
  const pie = ([x, y, size]: readonly [number, number, number]) => {
    // Labels are around the pie.
    const radius = isLabelled ? Math.round(size * 0.76) : size;
    return [
      {
        center: [`${x}%`, `${y}%`],
        radius: isOn(config, "donut") ? [`${Math.round(radius * 0.62)}%`, `${radius}%`] : `${radius}%`,
      },
    ];
  };
  const at = (place: Place) => ({ legend: LEGENDS[place], series: pie(PLACES[place]) });
  const small = {
    legend: LEGENDS.hidden,
    series: pie(PLACES.hidden).map((one) => ({ ...one, label: { show: false } })),
  };
  const tiny = { query: { maxWidth: 280, maxHeight: 220 }, option: small };
  // Beside its name, a slice needs no legend.
  const set = legendSetting(config) ?? (textOf(config, "labels") === "name" ? "hidden" : null);
  if (set) return [{ option: at(set) }, tiny];
  return [
    { option: at("right") },
    { query: { maxAspectRatio: 1.25 }, option: at("bottom") },
    { query: { maxAspectRatio: 1.25, maxWidth: 300 }, option: { series: pie([50, 36, 60]) } },
    tiny,
  ];
}
