import { useLayoutEffect, useState } from "react";

/** The height of the head in pixels. */
const HEAD = 30;
/** The number of rows until the height is known, and the least number: in a lower table they scroll. */
const [AT_FIRST, LEAST] = [25, 10];

/** Returns how many rows fit into the grid within an element without scrolling; in a low one, how many a page has. */
export function useFittingRows(table: React.RefObject<HTMLElement | null>, rowHeight: number): number {
  const [rows, setRows] = useState(AT_FIRST);
  useLayoutEffect(() => {
    const grid = table.current?.querySelector("[role=region]");
    if (!grid) return;
    const measure = () => {
      const { clientHeight } = grid;
      if (clientHeight > 0) setRows(Math.max(LEAST, Math.floor((clientHeight - HEAD) / rowHeight)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(grid);
    return () => observer.disconnect();
  }, [table, rowHeight]);
  return rows;
}
