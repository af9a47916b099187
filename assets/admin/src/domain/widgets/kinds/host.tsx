import {
  createContext,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type {
  DashboardActionResult,
  DashboardChanges,
  DashboardChangesResult,
  JsonObject,
  Widget,
} from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import type { ChoiceColumns } from "@/lib/format/columns";
import { createStore, type Store } from "@/lib/store";
import type { Row } from "@/lib/rows/cells";
import type { TableAsk } from "@/lib/rows/table-ask";
import type { Scope } from "@/lib/templates/placeholders";
import type { Destination } from "./destination";

/** What a widget may do on its page. Its members are stable: a new one draws all widgets again. */
export interface WidgetActions {
  /**
   * Sets variables: null for a row without a value, undefined to clear. Null if there are none to set, for example in a
   * preview.
   */
  setVariables: ((values: JsonObject) => void) | null;
  /**
   * Calls `proceed`. Asks first if these values of the variables would load another row into a form with unsent input.
   * Absent where nothing can be lost.
   */
  protect?: ((values: JsonObject, proceed: () => void) => void) | undefined;
  /** Reloads all data after a change. */
  refresh: () => void;
  /** Loads one page of a paginated widget; null if only the first one is available. */
  readPage: ((itemKey: string, ask: TableAsk, signal: AbortSignal) => Promise<WidgetData | null>) | null;
  /** Loads the choices of a form's field; null where the form runs their query itself, as in the editor. */
  choices: ((itemKey: string, ask: ChoicesAsk, signal: AbortSignal) => Promise<FieldChoices>) | null;
  /** Runs an action of a widget on a dashboard; null where widgets run actions themselves, as in the editor. */
  act: ((itemKey: string, ask: ActionAsk) => Promise<DashboardActionResult>) | null;
  /** Saves or previews changed rows of an editable table on a dashboard; null where nothing can be saved. */
  change: ((itemKey: string, ask: RowsAsk) => Promise<DashboardChangesResult>) | null;
  /** Whether it is being edited: changes are always confirmed then. */
  building: boolean;
  /** IANA time zone of days and periods; that of the reader if absent. */
  timeZone?: string | undefined;
  /** Opens a widget, a dashboard or a URL; absent where nothing can be opened, as in the editor. */
  open?: ((to: Destination, scope: Scope) => void) | undefined;
  /** Reloads the data of these widgets; absent where only everything can be reloaded. */
  refreshWidgets?: ((ids: readonly string[]) => void) | undefined;
  /** Clears the variables that selected rows have set. */
  clearSelection?: (() => void) | undefined;
  /** Returns a widget of the page, for what leads to it; absent where nothing can be opened. */
  widgetOf?: ((id: string) => Pick<Widget, "type" | "config"> | undefined) | undefined;
  /** Returns the key of a widget's item on the page. */
  itemOf?: ((widgetID: string) => string | undefined) | undefined;
  /** Returns what sets a variable of the page; null if the page has no such variable. */
  setterOf?: ((name: string) => VariableSetter | null) | undefined;
}

/** A field with choices from a query: which of them to load. */
export interface ChoicesAsk {
  field: string;
  search: string;
  /** The current value, which is always among them. */
  value: unknown;
  /** In a column of an editable table: keys whose labels to load, and nothing else. */
  values?: unknown[];
  /** In a column of an editable table: entered texts that are keys or labels. */
  texts?: string[];
}

/** The values to select from, and whether there may be more. */
export interface FieldChoices extends ChoiceColumns {
  choices: { value?: unknown; label: string }[];
  more: boolean;
}

/** What sets a variable: a row of a widget, an input of that name, or the filter bar. */
export interface VariableSetter {
  by: "row" | "input" | "bar" | "link";
  /** The title of the widget, or the label of the filter. */
  title: string;
}

/** The action to run, and what was entered for it. */
interface ActionAsk {
  action: string;
  row?: JsonObject;
  form?: JsonObject;
  value?: unknown;
}

/** Changed rows, and whether they are only tried. */
type RowsAsk = Pick<DashboardChanges, "changes"> & { preview: boolean };

/** The environment of a widget: what it may request and whom it notifies. */
export interface WidgetHost extends WidgetActions {
  /** The variables with their current values. */
  variables: JsonObject;
}

/** The selected rows by the keys of their items. */
type SelectedRows = Readonly<Record<string, Row | undefined>>;

interface Surroundings {
  actions: WidgetActions;
  /** The variables, outside of React's state: only the widgets that use one are drawn again when it changes. */
  store: Store<JsonObject>;
  selected: Store<SelectedRows>;
}

const Context = createContext<Surroundings>({
  actions: {
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: null,
    act: null,
    change: null,
    building: false,
  },
  store: createStore<JsonObject>({}),
  selected: createStore<SelectedRows>({}),
});

export function WidgetHostProvider({ value, children }: { value: WidgetHost; children: React.ReactNode }) {
  const { variables, setVariables, refresh, readPage, choices, act, change, building, timeZone } = value;
  const { open, refreshWidgets, clearSelection, setterOf, widgetOf, itemOf, protect } = value;
  const [store] = useState(() => createStore(variables));
  const [selected] = useState(() => createStore<SelectedRows>({}));
  useLayoutEffect(() => store.set(variables), [store, variables]);
  const actions = useMemo(
    () => ({
      setVariables,
      refresh,
      readPage,
      choices,
      act,
      change,
      building,
      timeZone,
      open,
      refreshWidgets,
      setterOf,
      widgetOf,
      itemOf,
      protect,
      clearSelection: () => {
        selected.set({});
        clearSelection?.();
      },
    }),
    [
      setVariables,
      refresh,
      readPage,
      choices,
      act,
      change,
      building,
      timeZone,
      open,
      refreshWidgets,
      setterOf,
      widgetOf,
      itemOf,
      protect,
      clearSelection,
      selected,
    ],
  );
  const surroundings = useMemo(() => ({ store, selected, actions }), [store, selected, actions]);
  return <Context.Provider value={surroundings}>{children}</Context.Provider>;
}

export const useWidgetActions = (): WidgetActions => useContext(Context).actions;

/** Returns a function for the present variables, for handlers: a change draws nothing again. */
export const usePresentVariables = (): (() => JsonObject) => useContext(Context).store.get;

/** Returns the selected row of an item, and a function that selects another one, or none. */
export function useSelectedRow(key: string): [Row | undefined, (row: Row | undefined) => void] {
  const { selected } = useContext(Context);
  const row = useSyncExternalStore(
    selected.subscribe,
    useCallback(() => selected.get()[key], [selected, key]),
  );
  const set = useCallback(
    (next: Row | undefined) => selected.set({ ...selected.get(), [key]: next }),
    [selected, key],
  );
  return [row, set];
}

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
