import type { WorkflowEdge } from "@/lib/api/model";
import { handleOf, START, type Graph } from "@/lib/flow/graph";
import { inset, loopsAround, sizesOf, type Point, type Size } from "@/lib/flow/loops";
import { groupBy } from "@/lib/group-by";

const GAP_X = 56;
const GAP_Y = 32;
/** A wider layout continues in another row below: at the least readable zoom, this fits into a common window. */
const ROW_WIDTH = 1520;
const ROW_GAP = 72;
const SWEEPS = 6;

interface Link {
  source: string;
  target: string;
  /** Index of the source handle, from the top. */
  rank: number;
}

type RankOf = (nodeID: string, handle: string) => number;

/** Lays out all steps, including the bodies of loops. */
export function autoLayout(
  graph: Graph,
  sizeOf: (nodeID: string) => Size,
  handleRank: RankOf,
): Map<string, Point> {
  const around = loopsAround(graph.nodes);
  const levels = groupBy(graph.nodes, ({ id }) => around.get(id)?.[0]);
  const depth = (loop: string | undefined) => (loop === undefined ? 0 : (around.get(loop)?.length ?? 0) + 1);
  let nodes = graph.nodes;
  // The innermost first: the size of a loop depends on its body.
  for (const [loop, members] of [...levels].sort(([a], [b]) => depth(b) - depth(a))) {
    const sizes = sizesOf(nodes, ({ id }) => sizeOf(id));
    const places = layoutLevel(
      { nodes: members, edges: graph.edges },
      (id) => sizes.get(id) ?? sizeOf(id),
      handleRank,
    );
    const corner = loop === undefined ? { x: 0, y: 0 } : { x: inset.left, y: inset.top };
    nodes = nodes.map((node) => {
      const place = places.get(node.id);
      return place ? { ...node, position: { x: place.x + corner.x, y: place.y + corner.y } } : node;
    });
  }
  return new Map(nodes.map(({ id, position }) => [id, position]));
}

/**
 * Arranges the steps in columns from left to right: each right of all its predecessors, in an order with few edge
 * crossings, and as level with its neighbors as possible. Long chains are wrapped into rows.
 */
function layoutLevel(graph: Graph, sizeOf: (nodeID: string) => Size, handleRank: RankOf): Map<string, Point> {
  const links = forwardLinks(graph, handleRank);
  const columns = order(columnsOf(graph, links), links);
  const positions = new Map<string, Point>();
  let x = 0;
  for (const column of columns) {
    for (const id of column) positions.set(id, { x, y: 0 });
    x += Math.max(...column.map((id) => sizeOf(id).width)) + GAP_X;
  }
  level(columns, links, sizeOf, positions);
  wrap(columns, rowsOf(columns, links, sizeOf), sizeOf, positions);
  return positions;
}

/**
 * Returns the index of the first column of each row. A row ends where the fewest edges lead on, so that branches stay
 * together.
 */
function rowsOf(columns: string[][], links: Link[], sizeOf: (nodeID: string) => Size): number[] {
  const widths = columns.map((column) => Math.max(...column.map((id) => sizeOf(id).width)) + GAP_X);
  const columnOf = new Map(columns.flatMap((column, index) => column.map((id) => [id, index] as const)));
  const crossing = (at: number) =>
    links.filter(
      ({ source, target }) => (columnOf.get(source) ?? 0) < at && (columnOf.get(target) ?? 0) >= at,
    ).length;
  const starts = [0];
  for (let start = 0; ;) {
    let end = start;
    for (let width = -GAP_X; end < columns.length; end += 1) {
      width += widths[end] ?? 0;
      if (width > ROW_WIDTH && end > start) break;
    }
    if (end === columns.length) return starts;
    let best = end;
    for (let at = end - 1; at > start + (end - start) / 2; at -= 1)
      if (crossing(at) < crossing(best)) best = at;
    starts.push(best);
    start = best;
  }
}

/** Moves the columns of all rows but the first below the previous row. */
function wrap(
  columns: string[][],
  starts: readonly number[],
  sizeOf: (nodeID: string) => Size,
  positions: Map<string, Point>,
): void {
  let top = 0;
  starts.forEach((start, index) => {
    const ids = columns.slice(start, starts[index + 1]).flat();
    const at = ids.map((id) => ({ id, ...(positions.get(id) ?? { x: 0, y: 0 }) }));
    const [left, upper] = [Math.min(...at.map(({ x }) => x)), Math.min(...at.map(({ y }) => y))];
    const lower = Math.max(...at.map(({ id, y }) => y + sizeOf(id).height));
    for (const { id, x, y } of at) positions.set(id, { x: x - left, y: y - upper + top });
    top += lower - upper + ROW_GAP;
  });
}

/** Returns the edges between existing nodes, without those that close a cycle. */
function forwardLinks({ nodes, edges }: Graph, handleRank: RankOf): Link[] {
  const known = new Set(nodes.map(({ id }) => id));
  const leaving = groupBy(
    edges.filter(({ source }) => known.has(source)),
    ({ source }) => source,
  );
  const state = new Map<string, "open" | "done">();
  const links: Link[] = [];
  const follow = ({ source, target, sourceHandle }: WorkflowEdge, stack: string[]) => {
    if (!known.has(target) || state.get(target) === "open") return;
    links.push({
      source,
      target,
      rank: handleRank(source, handleOf({ sourceHandle: sourceHandle ?? null })),
    });
    if (!state.has(target)) stack.push(target);
  };
  // Depth first without recursion: a chain may be a thousand steps long.
  for (const { id } of [...nodes].sort((a, b) => Number(b.type === START) - Number(a.type === START))) {
    const stack = state.has(id) ? [] : [id];
    while (stack.length) {
      const top = stack.at(-1) ?? "";
      if (state.has(top)) {
        state.set(top, "done");
        stack.pop();
        continue;
      }
      state.set(top, "open");
      for (const edge of leaving.get(top) ?? []) follow(edge, stack);
    }
  }
  return links;
}

/** Puts each node one column right of its last predecessor. */
function columnsOf({ nodes }: Graph, links: Link[]): string[][] {
  const incoming = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { target } of links) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  const leaving = groupBy(links, ({ source }) => source);
  const depth = new Map<string, number>();
  const open = nodes.filter(({ id }) => incoming.get(id) === 0).map(({ id }) => id);
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    const here = depth.get(id) ?? 0;
    depth.set(id, here);
    for (const { target } of leaving.get(id) ?? []) {
      depth.set(target, Math.max(depth.get(target) ?? 0, here + 1));
      const left = (incoming.get(target) ?? 0) - 1;
      incoming.set(target, left);
      if (left === 0) open.push(target);
    }
  }
  const columns: string[][] = [];
  for (const { id } of nodes) (columns[depth.get(id) ?? 0] ??= []).push(id);
  return columns.filter((column) => column.length > 0);
}

/** Sorts every column by the positions of its neighbors, back and forth, a few times. */
function order(columns: string[][], links: Link[]): string[][] {
  const before = groupBy(links, ({ target }) => target);
  const after = groupBy(links, ({ source }) => source);
  const place = new Map<string, number>();
  const note = (column: string[]) => column.forEach((id, index) => place.set(id, index));
  columns.forEach(note);
  const mean = (values: number[]) =>
    values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  const sort = (column: string[], want: (id: string) => number | null) => {
    const wanted = new Map(column.map((id) => [id, want(id) ?? place.get(id) ?? 0]));
    column.sort(
      (a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || (place.get(a) ?? 0) - (place.get(b) ?? 0),
    );
    note(column);
  };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : [...columns].reverse()) {
      sort(column, (id) =>
        forth
          ? mean((before.get(id) ?? []).map(({ source, rank }) => (place.get(source) ?? 0) + rank / 100))
          : mean((after.get(id) ?? []).map(({ target }) => place.get(target) ?? 0)),
      );
    }
  }
  for (const column of columns)
    sort(column, (id) =>
      mean((before.get(id) ?? []).map(({ source, rank }) => (place.get(source) ?? 0) + rank / 100)),
    );
  return columns;
}

/** Sets the vertical positions: each node level with the middle of its neighbors, without overlap. */
function level(
  columns: string[][],
  links: Link[],
  sizeOf: (nodeID: string) => Size,
  positions: Map<string, Point>,
): void {
  const before = groupBy(links, ({ target }) => target);
  const after = groupBy(links, ({ source }) => source);
  const middle = (id: string) => (positions.get(id)?.y ?? 0) + sizeOf(id).height / 2;
  const settle = (column: string[], neighbours: (id: string) => string[]) => {
    const tops = column.map((id) => {
      const near = neighbours(id).map(middle);
      return near.length
        ? near.reduce((sum, y) => sum + y, 0) / near.length - sizeOf(id).height / 2
        : (positions.get(id)?.y ?? 0);
    });
    spread(column, tops, sizeOf).forEach((y, index) => {
      const id = column[index] ?? "";
      positions.set(id, { x: positions.get(id)?.x ?? 0, y });
    });
  };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of columns) settle(column, (id) => (before.get(id) ?? []).map(({ source }) => source));
    for (const column of [...columns].reverse())
      settle(column, (id) => (after.get(id) ?? []).map(({ target }) => target));
  }
  for (const column of columns) settle(column, (id) => (before.get(id) ?? []).map(({ source }) => source));
  const top = Math.min(...[...positions.values()].map(({ y }) => y));
  for (const [id, { x, y }] of positions) positions.set(id, { x, y: Math.round(y - top) });
}

/** Returns positions near the wanted ones and far enough apart: colliding neighbors share the shift. */
function spread(column: string[], wanted: number[], sizeOf: (nodeID: string) => Size): number[] {
  interface Block {
    from: number;
    /** The sum of the tops that its members want for the block. */
    sum: number;
    count: number;
    height: number;
  }
  const top = ({ sum, count }: Block) => sum / count;
  const blocks: Block[] = [];
  column.forEach((id, index) => {
    let block: Block = { from: index, sum: wanted[index] ?? 0, count: 1, height: sizeOf(id).height + GAP_Y };
    for (let last = blocks.at(-1); last && top(last) + last.height > top(block); last = blocks.at(-1)) {
      blocks.pop();
      block = {
        from: last.from,
        sum: last.sum + block.sum - block.count * last.height,
        count: last.count + block.count,
        height: last.height + block.height,
      };
    }
    blocks.push(block);
  });
  const tops: number[] = [];
  for (const block of blocks) {
    let y = top(block);
    for (let index = block.from; index < block.from + block.count; index += 1) {
      tops[index] = y;
      y += sizeOf(column[index] ?? "").height + GAP_Y;
    }
  }
  return tops;
}
