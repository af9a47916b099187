import { createContext, useContext } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";

/** The environment of a widget: what it may request and whom it notifies. */
export interface WidgetHost {
  /** The variables with their current values. */
  variables: JsonObject;
  /**
   * Sets variables: null for a row without a value, undefined to clear. Null if there are none to set, for example in a
   * preview.
   */
  setVariables: ((values: JsonObject) => void) | null;
  /** Reloads all data after a change. */
  refresh: () => void;
  /** Loads one page of a paginated widget; null if only the first one is available. */
  readPage: ((itemKey: string, page: number, signal: AbortSignal) => Promise<WidgetData | null>) | null;
  /** Whether it is being edited: changes are always confirmed then. */
  building: boolean;
}

const nowhere: WidgetHost = {
  variables: {},
  setVariables: null,
  refresh: () => undefined,
  readPage: null,
  building: false,
};

const Context = createContext<WidgetHost>(nowhere);

export const WidgetHostProvider = Context.Provider;
export const useWidgetHost = (): WidgetHost => useContext(Context);
