import { useEffect, useEffectEvent } from "react";
import { bodyChosen } from "./bodies";
import { copied } from "./pieces";
import { fromClipboard, toClipboard } from "./clipboard";
import type { Selection } from "./use-canvas";
import type { DefinitionEditor } from "./use-definition";
import type { GraphActions } from "./use-graph-actions";

/** Whether keys belong to what is being written, or to a dialog. */
function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [contenteditable], .cm-editor") !== null);
}

interface Shortcuts {
  definition: DefinitionEditor;
  selection: Selection;
  actions: GraphActions;
  editable: boolean;
  onSave: () => void;
  onHelp: () => void;
}

/** Save, undo, redo, select all, duplicate by keys; copy, cut and paste through the clipboard. */
export function useShortcuts({ definition, selection, actions, editable, onSave, onHelp }: Shortcuts) {
  const selectedIDs = () => new Set(selection.selected.map(({ id }) => id));
  const piece = () => copied(definition.definition, selectedIDs());

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "?" && !isElsewhere(event.target)) onHelp();
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const keys: Record<string, () => void> = { s: onSave };
    if (!isElsewhere(event.target)) {
      keys["a"] = () => selection.select(definition.definition.nodes.map(({ id }) => id));
      if (editable) {
        keys["z"] = event.shiftKey ? definition.redo : definition.undo;
        keys["y"] = definition.redo;
        keys["d"] = () => piece().nodes.length > 0 && actions.paste(piece(), { by: 32 });
      }
    }
    const act = keys[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

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
      ["keydown", (event: KeyboardEvent) => onKey(event)],
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
