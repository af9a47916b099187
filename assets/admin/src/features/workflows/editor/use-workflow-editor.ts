import { t } from "@lingui/core/macro";
import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { useEditor } from "@/lib/api/editor";
import { useCan } from "@/lib/api/me";
import type { NodeType, Workflow } from "@/lib/api/model";
import { usePatch } from "@/lib/api/resources";
import { notify } from "@/ui/feedback/notify";
import { usePanels } from "../canvas/panel-toggles";
import { useSelection } from "../canvas/use-canvas";
import { useCanvasShortcuts } from "../canvas/use-canvas-shortcuts";
import { useGraphActions } from "../canvas/use-graph-actions";
import { workflowDraftOf } from "../graph/definition";
import { useDefinition } from "./use-definition";
import { useRuns } from "./use-runs";
import { useWorkflowProblems } from "./use-workflow-problems";

/** Returns the functions that save the workflow, and that enable or disable it. */
function useSaving(
  { id }: Workflow,
  editor: { dirty: boolean; save: () => Promise<boolean> },
  { setChecked, setTab }: Pick<ReturnType<typeof useRuns>, "setChecked" | "setTab">,
) {
  const patch = usePatch("workflow");
  const save = async (): Promise<boolean> => {
    if (!(await editor.save())) return false;
    setChecked(null);
    return true;
  };
  const enable = async (enabled: boolean) => {
    if (editor.dirty && !(await save())) return;
    patch.mutate(
      { id, patch: { enabled } },
      {
        onSuccess: () => notify.done(enabled ? t`Enabled` : t`Disabled`),
        onError: (error) => {
          notify.failed(
            error,
            enabled ? t`Could not enable the workflow` : t`Could not disable the workflow`,
          );
          if (enabled) setTab("problems");
        },
      },
    );
  };
  const enabling = patch.isPending ? (patch.variables.patch.enabled ?? undefined) : undefined;
  return { save, enable, enabling };
}

/** The state that the parts of the editor share. */
export function useWorkflowEditor(workflow: Workflow, types: NodeType[]) {
  const editable = useCan()("workflow:update");
  const editor = useEditor("workflow", workflow, workflowDraftOf);
  const definition = useDefinition(editor);
  const runs = useRuns(workflow.id, definition.definition, editor.base);
  const { problems, stale } = useWorkflowProblems(editor.base, definition.definition, {
    checked: runs.checked,
    enabled: workflow.enabled,
    types,
  });
  const panels = usePanels(useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false }));
  const [opened, setOpened] = useState<string | null>(null);
  const selection = useSelection(definition.definition);
  const open = (nodeID: string) => {
    selection.select([nodeID]);
    setOpened(nodeID);
  };
  const actions = useGraphActions(definition, selection, types);
  const saving = useSaving(workflow, editor, runs);
  useCanvasShortcuts({
    definition,
    selection,
    actions,
    editable,
    onSave: () => editor.dirty && !editor.saving && void saving.save(),
    onOpen: open,
  });
  const steps = useMemo(() => [...runs.known.values()].map(({ step }) => step), [runs.known]);
  return {
    workflow,
    editable,
    editor,
    definition,
    runs,
    problems,
    steps,
    stale,
    selection,
    actions,
    panels,
    opened,
    open,
    close: () => setOpened(null),
    ...saving,
  };
}

export type WorkflowEditing = ReturnType<typeof useWorkflowEditor>;
