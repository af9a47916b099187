import { t } from "@lingui/core/macro";
import { formatNumber } from "@/lib/format/format";
import { cellID, keyText } from "./draft/grid-changes";
import type { Line, Shape } from "./draft/grid-draft";
import type { Place } from "./sheet/selection";

/** Why a cell, or a whole row, cannot be saved. */
export interface CellProblem {
  id: string;
  row: string;
  /** Empty for a whole row. */
  column: string;
  reason: string;
  place: Place;
}

/** Returns what identifies a row: its key, or its place among the new ones. */
function rowNames({ key }: Pick<Shape, "key">, lines: readonly Line[]): (line: Line) => string {
  const added = lines.filter(({ loaded }) => loaded === null);
  return (line) => {
    const { loaded } = line;
    const name = loaded
      ? keyText(Object.fromEntries(key.map((column) => [column, String(loaded[column])])))
      : formatNumber(added.indexOf(line) + 1);
    if (loaded) return t`Row ${name}`;
    return added.length > 1 ? t`New row ${name}` : t`New row`;
  };
}

/** Returns the problems by their places: row by row, from left to right. */
export function listProblems(
  problems: Readonly<Record<string, string>>,
  { key, fields }: Shape,
  lines: readonly Line[],
): CellProblem[] {
  if (Object.keys(problems).length === 0) return [];
  const nameOf = rowNames({ key }, lines);
  return lines.flatMap((line, row) =>
    ["", ...fields.map(({ field }) => field)].flatMap((name, index) => {
      const id = cellID(line.id, name);
      const reason = problems[id];
      const column = fields[index - 1]?.label ?? "";
      const place = { row, column: Math.max(0, index - 1) };
      return reason === undefined ? [] : [{ id, row: nameOf(line), column, reason, place }];
    }),
  );
}
