import { createContext, useContext } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { Suggestion } from "../expressions";

/** What the fields of a step's form know beyond their own value. */
export interface NodeFormContextValue {
  config: JsonObject;
  /** The completions for its expressions. */
  suggestions: readonly Suggestion[];
}

export const NodeFormContext = createContext<NodeFormContextValue>({ config: {}, suggestions: [] });

export const useNodeForm = () => useContext(NodeFormContext);
