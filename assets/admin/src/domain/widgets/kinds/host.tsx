import {
  createContext,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type { DashboardActionResult, JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";

/** What a widget may do on its page. Its members are stable: a new one draws all widgets again. */
export interface WidgetActions {
  /**
   * Sets variables: null for a row without a value, undefined to clear. Null if there are none to set, for example in a
   * preview.
   */
  setVariables: ((values: JsonObject) => void) | null;
  /** Reloads all data after a change. */
  refresh: () => void;
  /** Loads one page of a paginated widget; null if only the first one is available. */
  readPage: ((itemKey: string, page: number, signal: AbortSignal) => Promise<WidgetData | null>) | null;
  /** Runs an action of a widget on a dashboard; null where widgets run actions themselves, as in the editor. */
  act: ((itemKey: string, ask: ActionAsk) => Promise<DashboardActionResult>) | null;
  /** Whether it is being edited: changes are always confirmed then. */
  building: boolean;
}

/** The action to run, and what was entered for it. */
interface ActionAsk {
  action: string;
  row?: JsonObject;
  form?: JsonObject;
  value?: unknown;
}

/** The environment of a widget: what it may request and whom it notifies. */
export interface WidgetHost extends WidgetActions {
  /** The variables with their current values. */
  variables: JsonObject;
}

/** Keeps the variables outside of React's state: only the widgets that use one are drawn again when it changes. */
function variablesStore(start: JsonObject) {
  let values = start;
  const listeners = new Set<() => void>();
  return {
    get: () => values,
    set(next: JsonObject) {
      if (next === values) return;
      values = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

interface Surroundings {
  actions: WidgetActions;
  store: ReturnType<typeof variablesStore>;
}

const Context = createContext<Surroundings>({
  actions: { setVariables: null, refresh: () => undefined, readPage: null, act: null, building: false },
  store: variablesStore({}),
});

export function WidgetHostProvider({ value, children }: { value: WidgetHost; children: React.ReactNode }) {
  const { variables, setVariables, refresh, readPage, act, building } = value;
  const [store] = useState(() => variablesStore(variables));
  useLayoutEffect(() => store.set(variables), [store, variables]);
  const surroundings = useMemo(
    () => ({ store, actions: { setVariables, refresh, readPage, act, building } }),
    [store, setVariables, refresh, readPage, act, building],
  );
  return <Context.Provider value={surroundings}>{children}</Context.Provider>;
}

export const useWidgetActions = (): WidgetActions => useContext(Context).actions;

/** Returns a function for the present variables, for handlers: a change draws nothing again. */
export const usePresentVariables = (): (() => JsonObject) => useContext(Context).store.get;

const none: JsonObject = {};

/** Returns all variables, or none where they are not `wanted`: a widget is drawn again whenever one changes. */
export function useWidgetVariables(wanted = true): JsonObject {
  const { store } = useContext(Context);
  return useSyncExternalStore(
    store.subscribe,
    useCallback(() => (wanted ? store.get() : none), [store, wanted]),
  );
}

/** Returns the value of one variable, and whether there is one of that name. */
export function useWidgetVariable(name: string): { value: unknown; exists: boolean } {
  const { store } = useContext(Context);
  const value = useSyncExternalStore(
    store.subscribe,
    useCallback(() => store.get()[name], [store, name]),
  );
  const exists = useSyncExternalStore(
    store.subscribe,
    useCallback(() => name in store.get(), [store, name]),
  );
  return { value, exists };
}
