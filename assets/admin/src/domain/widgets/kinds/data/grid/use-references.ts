import { useMemo, useState, useSyncExternalStore } from "react";
import { parseJson } from "@/lib/format/exact-json";
import type { Row } from "@/lib/rows/cells";
import { createStore } from "@/lib/store";
import { useWidgetActions } from "../../host";
import type { GridField } from "./draft/grid-fields";
import { createReferences, type References } from "./draft/references";

/** Adds the rows that columns refer to. Without a dashboard, as in the editor, their keys are shown. */
export function useReferences(
  item: string | undefined,
  fields: readonly GridField[],
  rows: readonly Row[],
): GridField[] {
  const { choices } = useWidgetActions();
  const [count] = useState(() => createStore(0));
  // The labels that have arrived draw the cells again.
  const arrived = useSyncExternalStore(count.subscribe, count.get);
  const names = JSON.stringify(fields.filter(({ refers }) => refers).map(({ field }) => field));
  const known = useMemo(() => {
    const references = new Map<string, References>();
    if (!choices || item === undefined) return references;
    for (const field of parseJson(names) as string[]) {
      const find: Parameters<typeof createReferences>[1] = (ask, signal) =>
        choices(item, ask, signal ?? new AbortController().signal);
      references.set(
        field,
        createReferences(field, find, () => count.set(count.get() + 1)),
      );
    }
    return references;
  }, [choices, item, names, count]);
  return useMemo(
    () =>
      fields.map((field) => {
        const own = known.get(field.field);
        return own ? { ...field, references: { ...own, load: (keys) => own.load(keys, rows) } } : field;
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- new fields draw the labels that have arrived
    [fields, known, rows, arrived],
  );
}
