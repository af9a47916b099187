/** A cell by its place. */
export interface Place {
  row: number;
  column: number;
}

/** The selected cells: a rectangle between the place where the selection began and the one with the focus. */
export interface Selection {
  anchor: Place;
  focus: Place;
}

export interface Rectangle {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export const at = (row: number, column: number): Selection => ({
  anchor: { row, column },
  focus: { row, column },
});

export const rectangleOf = ({ anchor, focus }: Selection): Rectangle => ({
  top: Math.min(anchor.row, focus.row),
  bottom: Math.max(anchor.row, focus.row),
  left: Math.min(anchor.column, focus.column),
  right: Math.max(anchor.column, focus.column),
});

export const contains = ({ top, bottom, left, right }: Rectangle, row: number, column: number): boolean =>
  row >= top && row <= bottom && column >= left && column <= right;

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));

export interface Size {
  rows: number;
  columns: number;
  /** The rows that fit in the view. */
  page: number;
}

/** Keeps a selection within the table, which may have become smaller. */
export function within({ anchor, focus }: Selection, { rows, columns }: Size): Selection {
  const inside = ({ row, column }: Place) => ({
    row: clamp(row, rows - 1),
    column: clamp(column, columns - 1),
  });
  return { anchor: inside(anchor), focus: inside(focus) };
}

interface Keys {
  key: string;
  shiftKey?: boolean;
  ctrlKey?: boolean;
  metaKey?: boolean;
}

/** Returns the selection after a key that moves; null for other keys, and for Tab at the edge, which leaves the table. */
export function moved(
  selection: Selection,
  { key, shiftKey, ctrlKey, metaKey }: Keys,
  size: Size,
): Selection | null {
  const { row, column } = selection.focus;
  const far = ctrlKey === true || metaKey === true;
  const [lastRow, lastColumn] = [size.rows - 1, size.columns - 1];
  if (key === "Tab") {
    const next = shiftKey ? column - 1 : column + 1;
    return next < 0 || next > lastColumn ? null : at(row, next);
  }
  if (key === "Escape") return at(row, column);
  if (key === "a" && far)
    return { anchor: { row: 0, column: 0 }, focus: { row: lastRow, column: lastColumn } };
  const places: Record<string, [number, number]> = {
    ArrowUp: [far ? 0 : row - 1, column],
    ArrowDown: [far ? lastRow : row + 1, column],
    ArrowLeft: [row, far ? 0 : column - 1],
    ArrowRight: [row, far ? lastColumn : column + 1],
    Home: [far ? 0 : row, 0],
    End: [far ? lastRow : row, lastColumn],
    PageUp: [row - size.page, column],
    PageDown: [row + size.page, column],
  };
  const place = places[key];
  if (!place) return null;
  const focus = { row: clamp(place[0], lastRow), column: clamp(place[1], lastColumn) };
  return { anchor: shiftKey ? selection.anchor : focus, focus };
}
