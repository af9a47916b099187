import { useEffect, useEffectEvent } from "react";
import { isElsewhere } from "@/ui/shortcuts/registry";
import type { DefinitionEditor } from "../editor/use-definition";
import { bodyChosen } from "../graph/bodies";
import { copied } from "../graph/pieces";
import { fromClipboard, toClipboard } from "./clipboard";
import type { Selection } from "./use-canvas";
import type { GraphActions } from "./use-graph-actions";

interface StepClipboard {
  definition: DefinitionEditor;
  selection: Selection;
  actions: GraphActions;
  editable: boolean;
}

/** Copies, cuts and pastes the selected steps through the clipboard. */
export function useClipboard({ definition, selection, actions, editable }: StepClipboard): void {
  const piece = () => copied(definition.definition, new Set(selection.selected.map(({ id }) => id)));

  const onCopy = useEffectEvent((event: ClipboardEvent) => {
    if (isElsewhere(event.target) || piece().nodes.length === 0 || window.getSelection()?.toString()) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", toClipboard(piece()));
    if (event.type === "cut" && editable) actions.removeNow(piece().nodes.map(({ id }) => id));
  });

  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    if (!editable || isElsewhere(event.target)) return;
    const graph = fromClipboard(event.clipboardData?.getData("text/plain") ?? "");
    if (!graph) return;
    event.preventDefault();
    const loop = bodyChosen(definition.definition.nodes, selection.selected);
    actions.paste(graph, loop === undefined ? actions.middle() : { ...actions.insideOf(loop), loop });
  });

  useEffect(() => {
    const listen: [string, (event: never) => void][] = [
      ["copy", (event: ClipboardEvent) => onCopy(event)],
      ["cut", (event: ClipboardEvent) => onCopy(event)],
      ["paste", (event: ClipboardEvent) => onPaste(event)],
    ];
    for (const [name, listener] of listen) document.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of listen) document.removeEventListener(name, listener as EventListener);
    };
  }, []);
}
