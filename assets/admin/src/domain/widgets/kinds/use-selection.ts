import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import { isMerged } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { isEqual } from "@/lib/schema/merge-patch";
import { notify } from "@/ui/feedback/notify";
import { isChosen, selectionOf } from "./config";
import { destinationOf, type Destination } from "./destination";
import { usePresentVariables, useSelectedRow, useWidgetActions, useWidgetVariables } from "./host";

/** How rows are selected. */
export interface RowSelection {
  /** Selects a row. Deselects the selected one, unless selecting opens something: then only if asked to. */
  onSelect: (row: Row, deselects?: boolean) => void;
  isSelected: (row: Row) => boolean;
}

const atOnce = (_: JsonObject, proceed: () => void) => proceed();

/**
 * Returns how the rows of a widget are selected: the selected row sets variables and opens something. Undefined where
 * selecting has no effect. `rows` are its data.
 */
export function useRowSelection(
  config: JsonObject,
  id: string | undefined,
  rows: readonly Row[],
): RowSelection | undefined {
  const { setVariables, open, protect = atOnce } = useWidgetActions();
  const present = usePresentVariables();
  const [selected, setSelected] = useSelectedRow(id ?? "");
  const sets = setVariables !== null && selectionOf(config, {}) !== null;
  const variables = useWidgetVariables(sets);
  const to = useMemo(() => (open ? destinationOf(config["opens"]) : null), [config, open]);
  // A row that has changed since it was selected is found by the variables.
  const isCurrent = useMemo(
    () => selected !== undefined && rows.some((row) => isEqual(row, selected)),
    [rows, selected],
  );
  return useMemo(() => {
    if (!sets && !to) return undefined;
    const isSelected = (row: Row): boolean => {
      if (!sets) return selected !== undefined && isEqual(row, selected);
      // Rows that set the same values differ in the others.
      const decides = selected !== undefined && isCurrent && isChosen(config, selected, variables);
      return isChosen(config, row, variables) && (!decides || isEqual(row, selected));
    };
    const onSelect = (row: Row, deselects = false) => {
      const chosen = (sets && selectionOf(config, row)) || {};
      if (isSelected(row) && (deselects || !to)) {
        const cleared = Object.fromEntries(
          Object.keys(chosen).map((name) => [name, undefined]),
        ) as JsonObject;
        return protect(cleared, () => {
          setSelected(undefined);
          if (sets) setVariables(cleared);
        });
      }
      protect(chosen, () => {
        setSelected(row);
        if (sets) setVariables(chosen);
        if (!to) return;
        // A mark that stands for several rows has no row to open.
        if (isMerged(row) && to.type === "widget" && !sets)
          return notify.warn(
            t`This mark stands for several rows, so there is no row to open. Set a variable in the widget’s settings, and use it where the rows are shown.`,
          );
        open?.(to, { row, vars: { ...present(), ...chosen } });
      });
    };
    return { onSelect, isSelected };
  }, [sets, to, config, selected, isCurrent, setSelected, variables, setVariables, open, protect, present]);
}

/** Returns a function that opens something for a row, which becomes the selected one. */
export function useOpenForRow(
  config: JsonObject,
  id: string | undefined,
): (row: Row, to: Destination) => void {
  const { setVariables, open, protect = atOnce } = useWidgetActions();
  const present = usePresentVariables();
  const [, setSelected] = useSelectedRow(id ?? "");
  return (row, to) => {
    const chosen = (setVariables && selectionOf(config, row)) || {};
    protect(chosen, () => {
      setSelected(row);
      if (setVariables && Object.keys(chosen).length) setVariables(chosen);
      open?.(to, { row, vars: { ...present(), ...chosen } });
    });
  };
}
