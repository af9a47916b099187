import { t } from "@lingui/core/macro";
import { useEffect, useEffectEvent } from "react";
import { isElsewhere, useShortcuts, type Shortcut } from "@/ui/shortcuts/registry";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import type { DefinitionEditor } from "../editor/use-definition";
import { bodyChosen } from "../graph/bodies";
import { copied } from "../graph/pieces";
import { fromClipboard, toClipboard } from "./clipboard";
import type { Selection } from "./use-canvas";
import type { GraphActions } from "./use-graph-actions";

/** Shortcuts that the canvas handles itself, and those of the clipboard. */
const listed: Shortcut[] = [
  { keys: "mod+C", label: t`Copy selected steps` },
  { keys: "mod+X", label: t`Cut selected steps` },
  { keys: "mod+V", label: t`Paste steps` },
  { keys: "Delete", label: t`Delete selection` },
  { keys: "Tab", label: t`Move between steps` },
  { keys: "Enter", label: t`Select the focused step` },
  { keys: "↑+↓+←+→", label: t`Move selected steps` },
  { keys: t`Shift+drag`, label: t`Select multiple steps` },
];

interface CanvasShortcuts {
  definition: DefinitionEditor;
  selection: Selection;
  actions: GraphActions;
  editable: boolean;
  onSave: () => void;
}

/**
 * Registers shortcuts for save, undo, redo, select all and duplicate; copies, cuts and pastes through the clipboard.
 */
export function useCanvasShortcuts({ definition, selection, actions, editable, onSave }: CanvasShortcuts) {
  const selectedIDs = () => new Set(selection.selected.map(({ id }) => id));
  const piece = () => copied(definition.definition, selectedIDs());

  const changing: Shortcut[] = [
    { keys: "mod+Z", label: t`Undo`, run: definition.undo },
    { keys: "mod+shift+Z", label: t`Redo`, run: definition.redo },
    { keys: "mod+Y", label: t`Redo`, run: definition.redo },
    {
      keys: "mod+D",
      label: t`Duplicate steps`,
      run: () => void (piece().nodes.length > 0 && actions.paste(piece(), { by: 32 })),
    },
  ];
  useShortcuts(t`Workflow`, [
    ...(editable ? changing : []),
    {
      keys: "mod+A",
      label: t`Select all steps`,
      run: () => selection.select(definition.definition.nodes.map(({ id }) => id)),
    },
    ...listed,
  ]);
  useSaveShortcut(onSave, editable);

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
