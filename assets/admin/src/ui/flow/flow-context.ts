import { createContext, useContext } from "react";
import type { Rounds } from "@/lib/flow/chosen-rounds";
import type { Change } from "@/lib/flow/diff";
import type { EdgeFate, NodeState } from "@/lib/flow/run-state";

/** What the drawn nodes and edges need to know beyond themselves. */
export interface FlowContextValue {
  /** The states of a run; empty when none is shown. */
  states: ReadonlyMap<string, NodeState>;
  fates: ReadonlyMap<string, EdgeFate>;
  /** The rounds of loops that can be looked at one by one. */
  rounds?: ReadonlyMap<string, Rounds>;
  /** Looks at one round of a loop; null at all. */
  onRound?: (loopID: string, index: number | null) => void;
  /** What became of steps and edges between two versions. */
  changes?: ReadonlyMap<string, Change>;
  /** Offers what may follow a handle, at a point of the window; absent when the graph may not be changed. */
  onExtend?: (from: { nodeID: string; handle: string }, at: { x: number; y: number }) => void;
  /** Offers a step to put in between. */
  onInsert?: (edgeID: string, at: { x: number; y: number }) => void;
  /** Offers a first step for an empty loop. */
  onFill?: (loopID: string, at: { x: number; y: number }) => void;
  /** The loop that what is carried would go into. */
  target?: string | undefined;
  onRemoveEdge?: (edgeID: string) => void;
}

export const FlowContext = createContext<FlowContextValue>({ states: new Map(), fates: new Map() });

export const useFlow = () => useContext(FlowContext);
