import { plural, t } from "@lingui/core/macro";
import { IconChevronRight } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import classes from "./data-grid.module.css";

/** The empty space on the right of a cell, in pixels. */
const PADDING = 10;

interface MoreColumnsProps {
  scroller: React.RefObject<HTMLElement | null>;
  /** The least widths of the columns, in pixels. */
  widths: readonly number[];
  /** The width of what stays on the right and covers the columns, in pixels. */
  covered: number;
}

/** Says how many columns are beyond the right edge, and scrolls to them. */
export function MoreColumns({ scroller, widths, covered }: MoreColumnsProps) {
  const [hidden, setHidden] = useState(0);
  const layout = widths.join();
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const count = () => {
      const edge = box.scrollLeft + box.clientWidth;
      let [end, beyond] = [0, 0];
      for (const width of layout.split(",").map(Number)) {
        end += width;
        if (end - PADDING > edge - covered) beyond += 1;
      }
      setHidden(box.scrollWidth - edge > 1 ? beyond : 0);
    };
    count();
    box.addEventListener("scroll", count, { passive: true });
    const observer = new ResizeObserver(count);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", count);
      observer.disconnect();
    };
  }, [scroller, layout, covered]);
  if (hidden === 0) return null;
  const words = plural(hidden, { one: "# more column", other: "# more columns" });
  return (
    <div className={classes.more}>
      <button
        type="button"
        tabIndex={-1}
        style={{ insetInlineEnd: covered + 6 }}
        title={t`Scroll to the right`}
        onClick={() =>
          scroller.current?.scrollBy({ left: scroller.current.clientWidth * 0.8, behavior: "smooth" })
        }
      >
        {words}
        <IconChevronRight size={12} aria-hidden />
      </button>
    </div>
  );
}
