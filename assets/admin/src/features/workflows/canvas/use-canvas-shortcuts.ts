import { t } from "@lingui/core/macro";
import { START } from "@/lib/flow/graph";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts/registry";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import type { DefinitionEditor } from "../editor/use-definition";
import { copied } from "../graph/pieces";
import { neighborOf } from "../graph/walk";
import { useClipboard } from "./use-clipboard";
import type { Selection } from "./use-canvas";
import type { GraphActions } from "./use-graph-actions";

/** Shortcuts that the canvas handles itself, and those of the clipboard. */
const listed: Shortcut[] = [
  { keys: "mod+C", label: t`Copy selected steps` },
  { keys: "mod+X", label: t`Cut selected steps` },
  { keys: "mod+V", label: t`Paste steps` },
  { keys: "Delete", label: t`Delete selection` },
  { keys: "Tab", label: t`Move between steps` },
  { keys: "↑|↓|←|→", label: t`Move selected steps` },
  { keys: t`Shift+drag`, label: t`Select multiple steps` },
];

interface CanvasShortcuts {
  definition: DefinitionEditor;
  selection: Selection;
  actions: GraphActions;
  editable: boolean;
  onSave: () => void;
  onOpen: (nodeID: string) => void;
}

/** Registers the shortcuts of the canvas, and those of the clipboard. */
export function useCanvasShortcuts({
  definition,
  selection,
  actions,
  editable,
  onSave,
  onOpen,
}: CanvasShortcuts) {
  const selectedIDs = () => new Set(selection.selected.map(({ id }) => id));
  const piece = () => copied(definition.definition, selectedIDs());

  const only = selection.selected.length === 1 ? selection.selected[0] : undefined;
  const walk = (direction: "next" | "previous") => {
    const start = definition.definition.nodes.find(({ type }) => type === START);
    const to = only ? neighborOf(definition.definition, only.id, direction) : start?.id;
    if (to !== undefined) actions.goTo(to);
  };

  const changing: Shortcut[] = [
    { keys: "A", label: t`Add a step after the selected one`, run: () => actions.addAfter(only) },
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
    { keys: "N", label: t`Go to the next step`, run: () => walk("next") },
    { keys: "P", label: t`Go to the previous step`, run: () => walk("previous") },
    { keys: "O", label: t`Open the selected step`, run: () => only && onOpen(only.id) },
    { keys: "mod+F", label: t`Find a step`, run: () => actions.setFinding(true) },
    {
      keys: "mod+A",
      label: t`Select all steps`,
      run: () => selection.select(definition.definition.nodes.map(({ id }) => id)),
    },
    ...listed,
  ]);
  useSaveShortcut(onSave, editable);
  useClipboard({ definition, selection, actions, editable });
}
