import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";

/** Keeps the center of the canvas in place when the canvas is resized; for the element around it. */
export function useKeptCentre() {
  const frame = useRef<HTMLDivElement>(null);
  const { getViewport, setViewport } = useReactFlow();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let [width, height] = [element.clientWidth, element.clientHeight];
    const observer = new ResizeObserver(() => {
      const { x, y, zoom } = getViewport();
      const [wider, higher] = [element.clientWidth - width, element.clientHeight - height];
      if (width > 0 && height > 0 && (wider !== 0 || higher !== 0))
        void setViewport({ x: x + wider / 2, y: y + higher / 2, zoom });
      [width, height] = [element.clientWidth, element.clientHeight];
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [getViewport, setViewport]);
  return frame;
}
