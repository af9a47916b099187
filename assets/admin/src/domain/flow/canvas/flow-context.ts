import { createContext, useContext } from "react";
import type { Rounds } from "@/lib/flow/chosen-rounds";
import type { Change } from "@/lib/flow/diff";
import type { EdgeFate, NodeState } from "@/lib/flow/run-state";

/** What the rendered nodes and edges need beyond their own data. */
export interface FlowContextValue {
  /** The step states of a run; empty if no run is shown. */
  states: ReadonlyMap<string, NodeState>;
  fates: ReadonlyMap<string, EdgeFate>;
  /** The loops whose iterations can be selected. */
  rounds?: ReadonlyMap<string, Rounds>;
  /** Selects an iteration of a loop; null selects all. */
  onRound?: (loopID: string, index: number | null) => void;
  /** The changes of steps and edges between two versions. */
  changes?: ReadonlyMap<string, Change>;
  /** Opens the menu for a step after a handle, at a point of the window; absent if the graph is read-only. */
  onExtend?: (from: { nodeID: string; handle: string }, at: { x: number; y: number }) => void;
  /** Opens the menu to insert a step into an edge. */
  onInsert?: (edgeID: string, at: { x: number; y: number }) => void;
  /** Opens the menu for the first step of an empty loop. */
  onFill?: (loopID: string, at: { x: number; y: number }) => void;
  /** The loop that the dragged step would join. */
  target?: string | undefined;
  onRemoveEdge?: (edgeID: string) => void;
}

export const FlowContext = createContext<FlowContextValue>({ states: new Map(), fates: new Map() });

export const useFlow = () => useContext(FlowContext);
