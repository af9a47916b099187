import { createContext, useContext } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { Suggestion } from "../expressions";

/** What fields of a step's form know beyond their own value. */
export interface NodeFormContextValue {
  config: JsonObject;
  /** What its expressions may speak of. */
  suggestions: readonly Suggestion[];
}

export const NodeFormContext = createContext<NodeFormContextValue>({ config: {}, suggestions: [] });

export const useNodeForm = () => useContext(NodeFormContext);
