import { t } from "@lingui/core/macro";
import { useReactFlow, type Connection } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import { glide } from "@/domain/flow/canvas/flow-canvas";
import {
  drawnSizes,
  nodeHeight,
  NODE_WIDTH,
  type StepEdge,
  type StepNode,
} from "@/domain/flow/canvas/flow-model";
import { startView } from "@/domain/flow/canvas/start-view";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { titleOf, type Graph } from "@/lib/flow/graph";
import { handlesOf } from "@/lib/flow/handles";
import { fitted, loopAt, loopOf, LOOP, placeOf, withBodies, type Point, type Size } from "@/lib/flow/loops";
import { notify } from "@/ui/feedback/notify";
import type { ChangeDefinition, DefinitionEditor } from "../editor/use-definition";
import { autoLayout } from "../graph/auto-layout";
import { moveInto, placeInside } from "../graph/bodies";
import {
  addNode,
  canConnect,
  connect,
  connectProblem,
  insertOnEdge,
  move,
  removeAndJoin,
} from "../graph/commands";
import { paste, type PasteAt } from "../graph/pieces";
import { makeRoom, type Sizes } from "../graph/room";
import { placeAfterSelected } from "../graph/walk";
import { focusStep } from "./focus-step";
import { tellMoved } from "./tell-moved";
import type { Selection } from "./use-canvas";

/** Where the menu to add a step opens, and what for. */
export type Adding = {
  at: Point;
  from?: { nodeID: string; handle: string };
  edgeID?: string;
  position?: Point;
  into?: string;
};

const GAP = 56;
/** The part of a narrow window that the settings of the selected step cover, from the bottom. */
const SHEET = 0.6;

/** Returns the part of the canvas that stays visible when a step is selected. */
function visibleCanvas(): DOMRect | null {
  const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!frame || matchMedia("(min-width: 62em)").matches) return frame ?? null;
  const bottom = Math.min(frame.bottom, window.innerHeight * (1 - SHEET));
  return new DOMRect(frame.x, frame.y, frame.width, bottom - frame.y);
}

const connectionOf = ({ source, sourceHandle, target }: Connection | StepEdge) => ({
  source,
  handle: sourceHandle || "out",
  target,
});

/** Returns a free position for a step after another one's handle. */
function placeAfter({ nodes, edges }: Graph, sizes: ReadonlyMap<string, Size>, nodeID: string): Point {
  const before = nodes.find(({ id }) => id === nodeID);
  if (!before) return { x: 0, y: 0 };
  const beside = nodes.filter((node) => loopOf(nodes, node) === loopOf(nodes, before));
  const sizeOf = (id: string) => sizes.get(id) ?? { width: NODE_WIDTH, height: 48 };
  const followers = edges
    .filter(({ source }) => source === nodeID)
    .flatMap(({ target }) => beside.filter(({ id }) => id === target));
  const x = before.position.x + sizeOf(nodeID).width + GAP;
  let y = followers.length
    ? Math.max(...followers.map(({ id, position }) => position.y + sizeOf(id).height + 48))
    : before.position.y;
  const taken = (at: number) =>
    beside.some(
      ({ id, position }) =>
        position.x < x + NODE_WIDTH &&
        position.x + sizeOf(id).width > x &&
        position.y < at + 72 &&
        position.y + sizeOf(id).height > at - 24,
    );
  while (taken(y)) y += 96;
  return { x, y };
}

/** Returns the loop of a new step and its position in it; converts canvas coordinates to the loop's. */
function placeFor(
  graph: Graph,
  sizes: ReadonlyMap<string, Size>,
  { from, edgeID, position, into }: Partial<Adding>,
  type: NodeType,
  middle: () => Point,
): { place: Point; loop: string | undefined } {
  const { nodes, edges } = graph;
  const after = from?.nodeID ?? edges.find(({ id }) => id === edgeID)?.source;
  const before = nodes.find(({ id }) => id === after);
  const under =
    position && !before
      ? loopAt(nodes, sizes, { x: position.x + NODE_WIDTH / 2, y: position.y + 24 })
      : undefined;
  const wanted = before ? loopOf(nodes, before) : (into ?? under);
  const loop = type.type === "end" && !before ? undefined : wanted;
  if (position) {
    const corner = loop === undefined ? { x: 0, y: 0 } : placeOf(nodes, loop);
    return { place: { x: position.x - corner.x, y: position.y - corner.y }, loop };
  }
  if (before) return { place: placeAfter(graph, sizes, before.id), loop };
  return { place: loop === undefined ? middle() : placeInside(graph, sizes, loop), loop };
}

/** All operations on the graph that the canvas and its menus offer. */
export function useGraphActions(
  { definition, change }: DefinitionEditor,
  { select }: Selection,
  types: readonly NodeType[],
) {
  const flow = useReactFlow<StepNode, StepEdge>();
  const [adding, setAdding] = useState<Adding | null>(null);
  const middle = useMiddle();
  const add = useAdd(change, select, types, middle, setAdding);
  const tidy = useTidy(change, types);
  const [finding, setFinding] = useState(false);
  const show = useCallback(
    (nodeID: string) => {
      select([nodeID]);
      void flow.fitView({ nodes: [{ id: nodeID }], maxZoom: 1, padding: 1, ...glide });
    },
    [select, flow],
  );
  const goTo = useCallback(
    (nodeID: string) => {
      show(nodeID);
      focusStep(nodeID);
    },
    [show],
  );

  return {
    adding,
    setAdding,
    /** Opens the menu for a step after the selected one. */
    addAfter: (selected: WorkflowNode | undefined, at: Point = menuCorner(selected?.id)) =>
      setAdding({ ...placeAfterSelected(definition, types, selected), at }),
    add,
    finding,
    setFinding,
    tidy,
    show,
    /** Shows a step and moves the focus to it. */
    goTo,
    middle,
    /** Returns the position of the next step of a loop's body. */
    insideOf: (loop: string) =>
      placeInside(definition, drawnSizes(definition.nodes, definition.edges, types), loop),
    paste: usePaste(change, select, types),
    connect: useCallback(
      (connection: Connection) => change((graph) => connect(graph, connectionOf(connection))),
      [change],
    ),
    isValid: useCallback(
      (connection: Connection | StepEdge) => canConnect(definition, connectionOf(connection)),
      [definition],
    ),
    refuse: useCallback(
      (connection: Connection) =>
        notify.info(
          connectProblem(definition, connectionOf(connection)) ?? t`These steps cannot be connected`,
        ),
      [definition],
    ),
    moveInto: useMoveInto(change, types),
    ...useRemove(definition, change),
  };
}

export type GraphActions = ReturnType<typeof useGraphActions>;

/** Returns where in the window the menu opens: beside a step, or else in the middle of the canvas. */
function menuCorner(nodeID: string | undefined): Point {
  const step = nodeID && document.querySelector(`.react-flow__node[data-id="${CSS.escape(nodeID)}"]`);
  const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (step) {
    const { right, top } = step.getBoundingClientRect();
    return { x: right + 8, y: top };
  }
  return { x: (frame?.left ?? 0) + (frame?.width ?? 0) / 2 - 140, y: (frame?.top ?? 0) + 80 };
}

/** Returns the position of a step in the middle of the visible area. */
function useMiddle() {
  const flow = useReactFlow<StepNode, StepEdge>();
  return useCallback((): Point => {
    const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
    const at = flow.screenToFlowPosition({
      x: (frame?.left ?? 0) + (frame?.width ?? 0) / 2,
      y: (frame?.top ?? 0) + (frame?.height ?? 0) / 2,
    });
    return { x: at.x - NODE_WIDTH / 2, y: at.y - 24 };
  }, [flow]);
}

/** Adds a step, selects it and focuses it. */
function useAdd(
  change: ChangeDefinition,
  select: Selection["select"],
  types: readonly NodeType[],
  middle: () => Point,
  setAdding: (adding: null) => void,
) {
  const reveal = useReveal();
  return useCallback(
    (type: NodeType, { from, edgeID, ...where }: Partial<Adding> = {}) => {
      let added = "";
      change((before) => {
        const shown = fitted(before);
        const sizesOf: Sizes = (nodes) => drawnSizes(nodes, shown.edges, types);
        const wanted = { ...where, ...(from ? { from } : {}), ...(edgeID ? { edgeID } : {}) };
        const { place, loop } = placeFor(shown, sizesOf(shown.nodes), wanted, type, middle);
        const fresh = addNode(shown, type, place, loop);
        const way = handlesOf(fresh.node, type)[0]?.id;
        const { graph, node } = edgeID ? insertOnEdge(shown, edgeID, type, place, way) : fresh;
        added = node.id;
        const connected = from
          ? connect(graph, { source: from.nodeID, handle: from.handle, target: node.id })
          : graph;
        return makeRoom(fitted(connected), shown, sizesOf);
      });
      setAdding(null);
      if (!added) return;
      select([added]);
      reveal(added);
      focusStep(added);
    },
    [change, middle, select, reveal, types, setAdding],
  );
}

/** Moves one step into a loop, or out of all loops. */
function useMoveInto(change: ChangeDefinition, types: readonly NodeType[]) {
  return useCallback(
    (nodeID: string, loop: string | undefined) =>
      change((before) => {
        const moved = moveInto(before, nodeID, loop, (nodes) => drawnSizes(nodes, before.edges, types));
        tellMoved(moved);
        return moved.graph;
      }),
    [change, types],
  );
}

/** What is about to be removed if that needs confirmation: a loop with its body. */
interface Doomed {
  loop: string;
  /** The number of steps in it. */
  body: number;
  nodeIDs: ReadonlySet<string>;
  edgeIDs: ReadonlySet<string>;
}

function useRemove({ nodes }: Graph, change: ChangeDefinition) {
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  /** Without confirmation: after a cut, or once confirmed. */
  const removeNow = useCallback(
    (nodeIDs: Iterable<string>, edgeIDs: Iterable<string> = []) =>
      change((graph) => removeAndJoin(graph, new Set(nodeIDs), new Set(edgeIDs))),
    [change],
  );
  const ask = useCallback(
    (ids: Iterable<string>, edges: Iterable<string> = []) => {
      const [nodeIDs, edgeIDs] = [new Set(ids), new Set(edges)];
      const loop = nodes.find(({ id, type }) => type === LOOP && nodeIDs.has(id));
      const body = loop ? withBodies(nodes, new Set([loop.id])).size - 1 : 0;
      if (loop && body > 0) setDoomed({ loop: titleOf(loop), body, nodeIDs, edgeIDs });
      else removeNow(nodeIDs, edgeIDs);
    },
    [nodes, removeNow],
  );
  return { remove: ask, removeNow, doomed, setDoomed };
}

/** Lays out all steps and shows them from the start. */
function useTidy(change: ChangeDefinition, types: readonly NodeType[]) {
  const flow = useReactFlow<StepNode, StepEdge>();
  const byType = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);
  return useCallback(() => {
    change((graph) => {
      const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
      const handles = (id: string) => {
        const node = nodes.get(id);
        return node ? handlesOf(node, byType.get(node.type)) : [];
      };
      const sizeOf = (id: string) => ({ width: NODE_WIDTH, height: nodeHeight(handles(id).length) });
      return move(
        graph,
        autoLayout(graph, sizeOf, (id, handle) =>
          handles(id).findIndex((candidate) => candidate.id === handle),
        ),
      );
    });
    // The canvas must render the new positions first.
    setTimeout(() => {
      const { width = 0, height = 0 } = document.querySelector(".react-flow")?.getBoundingClientRect() ?? {};
      const view = startView(flow.getNodes(), { width, height });
      if (view) void flow.setViewport(view, glide);
    }, 50);
  }, [change, byType, flow]);
}

/** Pans to a step that was added outside of the visible area. */
function useReveal() {
  const flow = useReactFlow<StepNode, StepEdge>();
  return useCallback(
    (nodeID: string) =>
      // The canvas must render it first.
      void setTimeout(() => {
        const node = flow.getInternalNode(nodeID)?.internals.positionAbsolute;
        const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
        const visible = visibleCanvas();
        if (!node || !frame || !visible) return;
        const { x, y } = flow.flowToScreenPosition(node);
        const zoom = flow.getZoom();
        const inside =
          x > visible.left &&
          y > visible.top &&
          x + NODE_WIDTH * zoom < visible.right &&
          y + 64 * zoom < visible.bottom;
        if (inside) return;
        const below = (frame.bottom - visible.bottom) / 2 / zoom;
        void flow.setCenter(node.x + NODE_WIDTH / 2, node.y + 24 + below, { zoom, ...glide });
      }, 50),
    [flow],
  );
}

/** Adds copied steps and selects them. */
function usePaste(change: ChangeDefinition, select: Selection["select"], types: readonly NodeType[]) {
  return useCallback(
    (piece: Graph, at: PasteAt) => {
      let ids: ReadonlySet<string> = new Set();
      change((before) => {
        const pasted = paste(before, piece, at);
        ids = pasted.ids;
        return makeRoom(
          pasted.graph,
          fitted(before),
          (nodes) => drawnSizes(nodes, pasted.graph.edges, types),
          ids,
        );
      });
      select(ids);
    },
    [change, select, types],
  );
}
