import { createContext, useContext } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/widgets";

/** What stands around a widget: what it may ask for, and whom it tells. */
export interface WidgetHost {
  /** The variables with their present values. */
  variables: JsonObject;
  /** Sets variables: to null what is without a value, to undefined what is no longer chosen. Null where there are none to set, for example in a preview. */
  setVariables: ((values: JsonObject) => void) | null;
  /** Reads the data of everything again, after something was changed. */
  refresh: () => void;
  /** One page of a widget that is read in pages; null where only the first one can be had. */
  readPage: ((itemKey: string, page: number, signal: AbortSignal) => Promise<WidgetData | null>) | null;
  /** Whether it is being built: what changes something then always asks first. */
  building: boolean;
}

const nowhere: WidgetHost = { variables: {}, setVariables: null, refresh: () => undefined, readPage: null, building: false };

const Context = createContext<WidgetHost>(nowhere);

export const WidgetHostProvider = Context.Provider;
export const useWidgetHost = (): WidgetHost => useContext(Context);
