import type { Size } from "@/lib/flow/loops";
import type { StepNode } from "./flow-model";

/** At a lower zoom the names of steps cannot be read. */
export const READABLE = 0.7;
/** Free space around the steps, in pixels of the window. */
const MARGIN = 40;

interface View {
  x: number;
  y: number;
  zoom: number;
}

const isSame = (one: View, other: View) =>
  Math.abs(one.x - other.x) < 1 && Math.abs(one.y - other.y) < 1 && Math.abs(one.zoom - other.zoom) < 0.001;

/**
 * Returns the view after the canvas was resized: the first view of the new size if nobody has moved the canvas, or else
 * the one that keeps the center in place.
 */
export function resizedView(nodes: readonly StepNode[], view: View, before: Size, after: Size): View {
  const first = startView(nodes, before);
  const kept = {
    x: view.x + (after.width - before.width) / 2,
    y: view.y + (after.height - before.height) / 2,
    zoom: view.zoom,
  };
  return (first && isSame(first, view) && startView(nodes, after)) || kept;
}

/** Returns the view that shows all steps if they are readable then; otherwise it begins at the start step. */
export function startView(nodes: readonly StepNode[], frame: Size): View | null {
  const rects = nodes
    .filter(({ parentId }) => parentId === undefined)
    .map(({ position, width, height, initialWidth, initialHeight }) => ({
      ...position,
      width: width ?? initialWidth ?? 0,
      height: height ?? initialHeight ?? 0,
    }));
  if (rects.length === 0 || frame.width === 0 || frame.height === 0) return null;
  const left = Math.min(...rects.map(({ x }) => x));
  const top = Math.min(...rects.map(({ y }) => y));
  const width = Math.max(...rects.map((rect) => rect.x + rect.width)) - left;
  const height = Math.max(...rects.map((rect) => rect.y + rect.height)) - top;
  const zoom = Math.max(
    READABLE,
    Math.min(1, (frame.width - 2 * MARGIN) / width, (frame.height - 2 * MARGIN) / height),
  );
  const start = nodes.find(({ data }) => data.node.type === "start")?.position ?? { x: left, y: top };
  return {
    x: placed(frame.width, left * zoom, width * zoom, start.x * zoom, MARGIN),
    y: placed(frame.height, top * zoom, height * zoom, start.y * zoom, frame.height / 3),
    zoom,
  };
}

/** Centers what fits. Otherwise puts the start at `wanted`, unless that leaves space beyond a border free. */
function placed(frame: number, from: number, length: number, start: number, wanted: number): number {
  if (length + 2 * MARGIN <= frame) return (frame - length) / 2 - from;
  return Math.min(MARGIN - from, Math.max(frame - MARGIN - from - length, wanted - start));
}
