import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { WorkflowDraft } from "@/lib/api/model";
import { definitionOf, type Definition } from "../graph/definition";
import { emptyHistory, redo, remember, undo, type History } from "../graph/history";

export type ChangeDefinition = (update: (definition: Definition) => Definition, tag?: string) => void;

interface DraftEditor {
  draft: WorkflowDraft;
  set: (change: Partial<WorkflowDraft>) => void;
}

/** The draft's definition with undo and redo. */
export function useDefinition({ draft, set }: DraftEditor) {
  const { nodes, edges, inputs, triggers, settings } = draft;
  const definition = useMemo(
    () => definitionOf({ nodes, edges, inputs, triggers, settings }),
    [nodes, edges, inputs, triggers, settings],
  );
  const [history, setHistory] = useState<History<Definition>>(emptyHistory);
  const latest = useRef({ definition, history, set });

  useLayoutEffect(() => {
    latest.current = { definition, history, set };
  }, [definition, history, set]);

  const show = useCallback((next: Definition, past: History<Definition>) => {
    latest.current = { ...latest.current, definition: next, history: past };
    latest.current.set(next);
    setHistory(past);
  }, []);

  const change: ChangeDefinition = useCallback(
    (update, tag) => {
      const before = latest.current.definition;
      const next = update(before);
      if (next !== before) show(next, remember(latest.current.history, before, tag ?? null, Date.now()));
    },
    [show],
  );

  const step = useCallback(
    (direction: typeof undo<Definition>) => {
      const moved = direction(latest.current.history, latest.current.definition);
      if (moved) show(moved.present, moved.history);
    },
    [show],
  );

  return {
    definition,
    change,
    undo: useCallback(() => step(undo), [step]),
    redo: useCallback(() => step(redo), [step]),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  };
}

export type DefinitionEditor = ReturnType<typeof useDefinition>;
