import type { WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { fitted, LOOP, loopsAround, placesOf, type Point, type Size } from "@/lib/flow/loops";
import { groupBy } from "@/lib/group-by";

export type Sizes = (nodes: readonly WorkflowNode[]) => ReadonlyMap<string, Size>;

type Rect = Point & Size;
type Axis = "x" | "y";
type Way = "right" | "down" | "left" | "up";

/** Free space beside, above and below a frame: handles stick out of their steps. */
const CLEAR: Record<Axis, number> = { x: 40, y: 24 };

const ways: readonly Way[] = ["right", "down", "left", "up"];
const axisOf = (way: Way): Axis => (way === "right" || way === "left" ? "x" : "y");
const lengthOf = (rect: Rect, axis: Axis) => (axis === "x" ? rect.width : rect.height);

/** Returns how far `rect` must move in a direction to clear `other`. */
function distance(way: Way, rect: Rect, other: Rect): number {
  const axis = axisOf(way);
  const forth = way === "right" || way === "down";
  return forth
    ? other[axis] + lengthOf(other, axis) + CLEAR[axis] - rect[axis]
    : rect[axis] + lengthOf(rect, axis) + CLEAR[axis] - other[axis];
}

function gone(way: Way, rect: Rect, by: number): Rect {
  const axis = axisOf(way);
  return { ...rect, [axis]: rect[axis] + (way === "right" || way === "down" ? by : -by) };
}

/** Whether two rectangles are closer than `room` on a side, not just at their corners. */
const meet = (a: Rect, b: Rect, room: Point) =>
  a.x < b.x + b.width + room.x &&
  b.x < a.x + a.width + room.x &&
  a.y < b.y + b.height + room.y &&
  b.y < a.y + a.height + room.y;
const overlap = (a: Rect, b: Rect) => meet(a, b, { x: 0, y: 0 });
const crowd = (a: Rect, b: Rect) => meet(a, b, { x: CLEAR.x, y: 0 }) || meet(a, b, { x: 0, y: CLEAR.y });

/** A rectangle with a final position: a frame that has grown, or a node that has already moved aside. */
interface Settled {
  rect: Rect;
  /** Its previous position; undefined for a new one. */
  was: Rect | undefined;
  /** The direction in which it was pushed: whatever is in its way moves the same way. */
  way?: Way;
}

/** Nodes that were close before may stay close. */
const disturbs = ({ rect, was }: Settled, other: Rect) =>
  overlap(rect, other) || (crowd(rect, other) && !(was && crowd(was, other)));

/** The direction away from the frame's old position; if there is a choice, the shorter way. */
function wayFrom({ rect, was, way }: Settled, other: Rect): Way {
  if (way) return way;
  const away = was
    ? ways.filter((candidate) => distance(candidate, other, was) <= CLEAR[axisOf(candidate)])
    : [];
  return (away.length ? away : ways).reduce((a, b) =>
    distance(b, other, rect) < distance(a, other, rect) ? b : a,
  );
}

/**
 * Returns new positions for the steps of one level, so that the grown frames cover none of them. The nearest move
 * first, so that all keep their order.
 */
function clear(
  members: ReadonlyMap<string, Rect>,
  grown: readonly string[],
  old: ReadonlyMap<string, Rect>,
): Map<string, Rect> {
  const open = new Map(members);
  const settled: Settled[] = [];
  const moved = new Map<string, Rect>();
  const waiting = new Map<string, { way: Way; far: number }>();
  const settle = (id: string, one: Settled) => {
    open.delete(id);
    settled.push(one);
    for (const [other, rect] of open) {
      if (!disturbs(one, rect)) continue;
      const way = wayFrom(one, rect);
      const far = distance(way, rect, one.rect);
      if (far > (waiting.get(other)?.far ?? -Infinity)) waiting.set(other, { way, far });
    }
  };
  for (const frame of grown) {
    const rect = open.get(frame);
    // It was pushed itself.
    if (!rect) continue;
    settle(frame, { rect, was: old.get(frame) });
    while (waiting.size) {
      const [id, { way }] = [...waiting].reduce((a, b) => (b[1].far > a[1].far ? b : a));
      waiting.delete(id);
      const was = open.get(id);
      if (!was) continue;
      const to = freeOf(settled, was, way);
      moved.set(id, to);
      settle(id, { rect: to, was, way });
    }
  }
  return moved;
}

/** Returns the nearest position in a direction that is clear of everything that has settled. */
function freeOf(settled: readonly Settled[], rect: Rect, way: Way): Rect {
  const axis = axisOf(way);
  const room = { x: 0, y: 0, [axis]: CLEAR[axis] };
  let at = rect;
  for (
    let other = settled.find((one) => meet(at, one.rect, room));
    other;
    other = settled.find((one) => meet(at, one.rect, room))
  )
    at = gone(way, at, distance(way, at, other.rect));
  return at;
}

/** Absolute positions of all nodes on the canvas. */
function rectsOf(nodes: readonly WorkflowNode[], sizesOf: Sizes): Map<string, Rect> {
  const sizes = sizesOf(nodes);
  return new Map(
    [...placesOf(nodes)].map(([id, place]) => [
      id,
      { ...place, ...(sizes.get(id) ?? { width: 0, height: 0 }) },
    ]),
  );
}

const holds = (a: Rect, b: Rect) =>
  b.x >= a.x && b.y >= a.y && b.x + b.width <= a.x + a.width && b.y + b.height <= a.y + a.height;

/**
 * Moves steps that a grown loop would cover just out of its way, and whatever they would cover in turn. Loops that are
 * `carried` were positioned by the user: they push nothing aside.
 */
export function makeRoom<G extends Graph>(
  graph: G,
  before: Graph,
  sizesOf: Sizes,
  carried: ReadonlySet<string> = new Set(),
): G {
  if (!graph.nodes.some(({ type }) => type === LOOP)) return graph;
  const around = loopsAround(graph.nodes);
  const old = rectsOf(before.nodes, sizesOf);
  const levels = groupBy(graph.nodes, ({ id }) => around.get(id)?.[0]);
  const depth = (loop: string | undefined) => (loop === undefined ? 0 : (around.get(loop)?.length ?? 0) + 1);
  let made = graph;
  // The innermost first: moving nodes inside a loop may make it grow.
  for (const [, level] of [...levels].sort(([a], [b]) => depth(b) - depth(a))) {
    if (!level.some(({ type }) => type === LOOP)) continue;
    const now = rectsOf(made.nodes, sizesOf);
    const members = new Map(level.flatMap(({ id }) => (now.has(id) ? [[id, now.get(id) as Rect]] : [])));
    const grown = level.filter(({ id, type }) => {
      const [was, is] = [old.get(id), now.get(id)];
      return type === LOOP && !carried.has(id) && is !== undefined && !(was && holds(was, is));
    });
    const moved = clear(
      members,
      grown.map(({ id }) => id),
      old,
    );
    if (moved.size)
      made = fitted({
        ...made,
        nodes: made.nodes.map((node) => shifted(node, now.get(node.id), moved.get(node.id))),
      });
  }
  return made;
}

const shifted = (node: WorkflowNode, from: Rect | undefined, to: Rect | undefined): WorkflowNode =>
  from && to
    ? {
        ...node,
        position: {
          x: Math.round(node.position.x + to.x - from.x),
          y: Math.round(node.position.y + to.y - from.y),
        },
      }
    : node;
