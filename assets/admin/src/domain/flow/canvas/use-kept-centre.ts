import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import type { StepEdge, StepNode } from "./flow-model";
import { resizedView } from "./start-view";

/**
 * Keeps the center of the canvas in place when the canvas is resized, or the first view if nobody has moved it; for the
 * element around it.
 */
export function useKeptCentre() {
  const frame = useRef<HTMLDivElement>(null);
  const { getNodes, getViewport, setViewport } = useReactFlow<StepNode, StepEdge>();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const sizeNow = () => ({ width: element.clientWidth, height: element.clientHeight });
    let before = sizeNow();
    const observer = new ResizeObserver(() => {
      const after = sizeNow();
      if (
        before.width > 0 &&
        before.height > 0 &&
        (after.width !== before.width || after.height !== before.height)
      )
        void setViewport(resizedView(getNodes(), getViewport(), before, after));
      before = after;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [getNodes, getViewport, setViewport]);
  return frame;
}
