import type { WorkflowEdge } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";
import type { Point, Size } from "@/lib/flow/loops";

export type Rect = Point & Size;

/** An edge between two steps, from handle to handle. */
export interface Span {
  id: string;
  from: Point;
  to: Point;
  /** The steps that it may run into: all of its level, except its own ends. */
  obstacles: readonly Rect[];
}

/** Free space between a lane and the steps above and below it. */
const CLEAR = 20;
/** How far an edge runs straight out of a handle before it turns. */
const STRAIGHT = 28;
const SAMPLES = 16;

/** Whether the curve that is drawn without a lane runs through a step. */
function isBlocked({ from, to }: Span, obstacles: readonly Rect[]): boolean {
  const middle = (from.x + to.x) / 2;
  for (let step = 1; step < SAMPLES; step += 1) {
    const t = step / SAMPLES;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
    const x = a * from.x + b * middle + c * middle + d * to.x;
    const y = (a + b) * from.y + (c + d) * to.y;
    if (obstacles.some((rect) => isInside(rect, { x, y }))) return true;
  }
  return false;
}

const isInside = (rect: Rect, { x, y }: Point) =>
  x > rect.x - 4 && x < rect.x + rect.width + 4 && y > rect.y - 4 && y < rect.y + rect.height + 4;

/** Returns the height at which an edge passes the steps in its way; null if its direct curve is free. */
export function laneOf(span: Span): number | null {
  const { from, to } = span;
  const isBackward = to.x < from.x + STRAIGHT;
  const [left, right] = [Math.min(from.x, to.x - STRAIGHT), Math.max(to.x, from.x + STRAIGHT)];
  const near = span.obstacles.filter((rect) => rect.x < right && rect.x + rect.width > left);
  if (!isBackward && !isBlocked(span, near)) return null;
  const wanted = (from.y + to.y) / 2;
  const isFree = (y: number) =>
    near.every((rect) => y <= rect.y - CLEAR || y >= rect.y + rect.height + CLEAR);
  const lanes = near.flatMap((rect) => [rect.y - CLEAR, rect.y + rect.height + CLEAR]);
  const free = [wanted, ...lanes].filter(isFree);
  return free.length
    ? free.reduce((best, lane) => (Math.abs(lane - wanted) < Math.abs(best - wanted) ? lane : best))
    : wanted;
}

/** Returns a path through a lane, with rounded corners. */
export function pathThrough(from: Point, to: Point, lane: number): string {
  const [out, into] = [from.x + STRAIGHT, to.x - STRAIGHT];
  const corners = [
    { x: out, y: from.y },
    { x: out, y: lane },
    { x: into, y: lane },
    { x: into, y: to.y },
  ];
  const points = [from, ...corners, to];
  const path = corners.map((corner, index) => {
    const [before, after] = [points[index] ?? from, points[index + 2] ?? to];
    const radius = Math.min(12, distance(before, corner) / 2, distance(corner, after) / 2);
    const [start, end] = [towards(corner, before, radius), towards(corner, after, radius)];
    return ["L", start.x, start.y, "Q", corner.x, corner.y, end.x, end.y].join(" ");
  });
  return ["M", from.x, from.y, ...path, "L", to.x, to.y].join(" ");
}

const distance = (a: Point, b: Point) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

/** Along a horizontal or vertical line. */
const towards = (from: Point, to: Point, by: number): Point => ({
  x: from.x + Math.sign(to.x - from.x) * by,
  y: from.y + Math.sign(to.y - from.y) * by,
});

/** Returns the lanes of the edges that need one. `levelOf` names the loop around a step. */
export function lanesOf(
  edges: readonly WorkflowEdge[],
  rects: ReadonlyMap<string, Rect>,
  outOf: (edge: WorkflowEdge, source: Rect) => Point,
  levelOf: (nodeID: string) => string,
): Map<string, number> {
  const levels = groupBy([...rects], ([id]) => levelOf(id));
  const lanes = new Map<string, number>();
  for (const edge of edges) {
    const [source, target] = [rects.get(edge.source), rects.get(edge.target)];
    if (!source || !target) continue;
    const from = outOf(edge, source);
    const to = { x: target.x, y: target.y + target.height / 2 };
    const isBackward = to.x < from.x + STRAIGHT;
    const obstacles = (levels.get(levelOf(edge.source)) ?? [])
      .filter(([id]) => isBackward || (id !== edge.source && id !== edge.target))
      .map(([, rect]) => rect);
    const lane = laneOf({ id: edge.id, from, to, obstacles });
    if (lane !== null) lanes.set(edge.id, lane);
  }
  return lanes;
}
