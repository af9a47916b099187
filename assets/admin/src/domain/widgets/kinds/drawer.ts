import { createContext, useContext } from "react";
import type { Row } from "@/lib/rows/cells";

/** The drawer that a widget is in. */
interface WidgetDrawer {
  /** The row that opened it. */
  row: Row | undefined;
  close: () => void;
}

const Context = createContext<WidgetDrawer | null>(null);

export const WidgetDrawerProvider = Context.Provider;

/** Null for a widget that is not in a drawer. */
export const useWidgetDrawer = (): WidgetDrawer | null => useContext(Context);
