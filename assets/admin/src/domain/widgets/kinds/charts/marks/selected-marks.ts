import type { Row } from "@/lib/rows/cells";
import type { Ink } from "../chart-theme";
import type { ChartOption, Drawing } from "../options/shared";

/** Marks that are not selected, if another one is. */
const FADED = 0.3;
/** Charts with more marks in a series are too dense for a highlight. */
const MOST = 2000;

type Series = ChartOption & { type?: unknown; data?: unknown };

const isObject = (value: unknown): value is ChartOption =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns a mark of a series as an object, to which a style can be added. */
const markOf = (datum: unknown): ChartOption => (isObject(datum) ? datum : { value: datum });

function styled(datum: unknown, { type, showSymbol }: Series, isSelected: boolean, ink: Ink): ChartOption {
  const mark = markOf(datum);
  const own = isObject(mark["itemStyle"]) ? mark["itemStyle"] : {};
  if (isSelected) {
    const border = { borderColor: ink.text, borderWidth: 2 };
    const itemStyle = { ...own, ...border, opacity: 1 };
    return { ...mark, itemStyle, ...(type === "line" ? { symbol: "circle", symbolSize: 10 } : {}) };
  }
  // The color of a cell is its value, and a line fades as a whole or not at all.
  if (type === "heatmap") return mark;
  if (type === "line") return showSymbol === false ? { ...mark, symbol: "none" } : mark;
  return { ...mark, itemStyle: { ...own, opacity: FADED } };
}

/**
 * Returns the series of a chart with its selected marks outlined and the others faded. Only marks that can be selected
 * have the cursor of a button.
 */
export function seriesShown(
  { option, pick }: Drawing,
  isSelected: ((row: Row) => boolean) | undefined,
  ink: Ink,
): Series[] {
  const series = (Array.isArray(option["series"]) ? option["series"] : []) as Series[];
  if (!isSelected || !pick) return series.map((one) => ({ ...one, cursor: "default" }));
  const found = series.map(({ data }, seriesIndex) =>
    Array.isArray(data) && data.length <= MOST
      ? data.map((datum: unknown, dataIndex) => {
          const row = pick({ dataIndex, seriesIndex, data: datum });
          return row !== undefined && isSelected(row);
        })
      : [],
  );
  if (!found.some((marks) => marks.includes(true))) return series;
  return series.map((one, index) => {
    const marks = found[index] ?? [];
    if (!Array.isArray(one.data) || marks.length === 0) return one;
    const data = one.data.map((datum: unknown, at) => styled(datum, one, marks[at] === true, ink));
    return { ...one, data, ...(one.type === "line" ? { showSymbol: true } : {}) };
  });
}
