import { isMonth, momentLabels, periodText, unitOf } from "@/lib/format/dates/moments";
import { wallsOf, type Grain } from "./grain";

/** How a value is written on an axis, and in full in the tooltip. */
export interface AxisLabel {
  label: string;
  name: string;
  /** The wall time; null if it is not a time. */
  wall: number | null;
}

/**
 * Labels the distinct values of an axis: the same rule for all charts. Times are written as short as distinguishes
 * them; all other values as `labelOf` says. With a grain, the values are the wall times of periods.
 */
export function axisLabels(
  values: readonly unknown[],
  labelOf: (value: unknown) => string,
  { grain = null, zone }: { grain?: Grain | null; zone?: string | undefined } = {},
): AxisLabel[] {
  const walls = grain
    ? values.map((value) => (typeof value === "number" ? value : null))
    : wallsOf(values, zone);
  const known = walls.filter((wall) => wall !== null);
  const areMonths = known.length > 0 && values.every((value, at) => walls[at] === null || isMonth(value));
  const unit = grain ?? (areMonths ? "month" : unitOf(known));
  const timeLabel = momentLabels(unit, known);
  // Times that differ by less than a label shows keep their text.
  const isTime =
    known.length > 0 &&
    new Set(known.map(timeLabel)).size ===
      values.filter((value) => value !== null && value !== undefined).length;
  return values.map((value, at) => {
    const wall = walls[at] ?? null;
    if (wall !== null && isTime) return { label: timeLabel(wall), name: periodText(unit, wall), wall };
    const label = labelOf(value);
    return { label, name: label, wall };
  });
}
