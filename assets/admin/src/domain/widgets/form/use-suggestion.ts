import { useEffect } from "react";
import { isEqual } from "@/lib/schema/merge-patch";
import { rowsOf } from "../kinds/config";
import { suggestConfig } from "../kinds/suggest";
import { columnsUsed } from "./config-schema";
import type { WidgetEditing } from "./widget-settings";

/** Suggests settings when the data of a newly selected query has none of the configured columns. */
export function useSuggestion(
  { draft, set, readOnly, type }: WidgetEditing,
  result: Parameters<typeof rowsOf>[0],
  fresh: boolean,
) {
  useEffect(() => {
    if (!fresh || readOnly || !result) return;
    const { rows, columns } = rowsOf(result);
    if (columnsUsed(type, draft.config).some((name) => columns.some((column) => column.name === name)))
      return;
    const config = { ...draft.config, ...suggestConfig(draft.type, columns, rows) };
    if (!isEqual(config, draft.config)) set({ config });
  }, [fresh, readOnly, result, type, draft.type, draft.config, set]);
}
