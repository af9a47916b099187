import { t } from "@lingui/core/macro";
import { ActionIcon, Drawer } from "@mantine/core";
import { IconSettings } from "@tabler/icons-react";
import { useState } from "react";
import { RunSteps } from "@/domain/flow/run/run-steps";
import { VersionConflict } from "@/domain/records/version-conflict";
import type { NodeType, Workflow } from "@/lib/api/model";
import { START } from "@/lib/flow/graph";
import { stepKey } from "@/lib/flow/run-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { EditorCanvas } from "../canvas/editor-canvas";
import { focusField } from "../canvas/focus-field";
import { focusStep } from "../canvas/focus-step";
import { NodeMenu } from "../canvas/node-menu";
import { bodyChosen } from "../graph/bodies";
import { only } from "../graph/partial";
import { Inspector, type InspectorProps } from "../inspector/inspector";
import { StepView } from "../step-view/step-view";
import classes from "../workflows.module.css";
import { PanelBar } from "./bottom-panel";
import { BottomSplit } from "./bottom-split";
import { EditorHeader } from "./editor-header";
import { isError } from "./problems";
import { ProblemsPanel } from "./problems-panel";
import { SideSplit } from "./side-split";
import { StartDialog } from "./start-dialog";
import { useWorkflowEditor, type WorkflowEditing } from "./use-workflow-editor";

const noSteps: never[] = [];

export function WorkflowEditor({ workflow, types }: { workflow: Workflow; types: NodeType[] }) {
  const shared = useWorkflowEditor(workflow, types);
  const { editor, definition, runs } = shared;
  const { wide } = shared.panels;
  const { asking } = runs;
  return (
    <div className={classes.page}>
      <EditorHeader
        workflow={workflow}
        name={editor.draft.name}
        dirty={editor.dirty}
        saving={editor.saving}
        enabling={shared.enabling}
        runs={runs}
        onRename={(name) => editor.set({ name })}
        onSave={() => void shared.save()}
        onEnable={(enabled) => void shared.enable(enabled)}
      />
      {Boolean(editor.error) && <ErrorPanel error={editor.error} title={t`Could not save the changes`} />}
      <div className={classes.body}>
        {wide ? <WideLayout shared={shared} types={types} /> : <NarrowLayout shared={shared} types={types} />}
      </div>
      <OpenedStep shared={shared} types={types} />
      {asking && (
        <StartDialog asked={asking} workflow={workflow} definition={definition.definition} runs={runs} />
      )}
      <UnsavedGuard dirty={editor.dirty} {...(shared.editable ? { onSave: shared.save } : {})} />
      <VersionConflict kind="workflow" editor={editor} />
    </div>
  );
}

interface LayoutProps {
  shared: WorkflowEditing;
  types: NodeType[];
}

/** Palette, canvas and inspector side by side; palette and inspector can be folded. */
function WideLayout({ shared, types }: LayoutProps) {
  const { editable, actions, selection, definition, panels } = shared;
  const into = bodyChosen(definition.definition.nodes, selection.selected);
  return (
    <div className={classes.wide}>
      {editable && panels.palette && (
        <aside className={classes.palette} aria-label={t`Available steps`}>
          <NodeMenu
            types={types.filter(({ type }) => type !== START)}
            draggable
            onPick={(type) => actions.add(type, into === undefined ? {} : { into })}
          />
        </aside>
      )}
      <SideSplit beside={panels.inspector && <InspectorOf shared={shared} types={types} />}>
        <Middle shared={shared} types={types} />
      </SideSplit>
    </div>
  );
}

/** Only the canvas; the inspector opens over it, unless a run or the problems are open. */
function NarrowLayout({ shared, types }: LayoutProps) {
  const { selection, actions, runs } = shared;
  const [settings, setSettings] = useState(false);
  const chosen = selection.selected.length > 0;
  const close = () => {
    setSettings(false);
    selection.select([]);
  };
  return (
    <div className={classes.narrow}>
      <Middle shared={shared} types={types} />
      <ActionIcon
        className={classes.settings ?? ""}
        variant="default"
        size={32}
        aria-label={t`Workflow settings`}
        onClick={() => {
          selection.select([]);
          setSettings(true);
        }}
      >
        <IconSettings size={16} />
      </ActionIcon>
      <Drawer
        opened={settings || (chosen && !actions.adding && runs.tab === null)}
        onClose={close}
        position="bottom"
        size="60%"
        withOverlay={false}
        lockScroll={false}
        trapFocus={false}
        title={chosen ? t`Step` : t`Workflow`}
        closeButtonProps={{ "aria-label": t`Close` }}
        padding={0}
        classNames={{ header: classes.drawerHeader ?? "" }}
      >
        <InspectorOf shared={shared} types={types} />
      </Drawer>
    </div>
  );
}

/** What the forms of the inspector need. */
const inspectorProps = (
  {
    workflow,
    editor,
    definition,
    actions,
    selection,
    problems,
    steps,
    editable,
    enable,
    open,
    runs,
  }: WorkflowEditing,
  types: NodeType[],
): InspectorProps => ({
  workflow,
  editor: definition,
  actions,
  types,
  selected: selection.selected,
  problems,
  steps,
  editable,
  onOpen: open,
  onRun: (nodeID) => {
    if (!runs.starting) runs.ask("test", only(definition.definition, nodeID, runs.outputs));
  },
  onEnable: () => void enable(true),
  description: editor.draft.description ?? "",
  onDescription: (description) => editor.set({ description }),
});

/** The inspector, unless a step is open at full width. */
function InspectorOf({ shared, types }: LayoutProps) {
  return shared.opened === null ? <Inspector {...inspectorProps(shared, types)} /> : null;
}

function OpenedStep({ shared, types }: LayoutProps) {
  const { opened, definition, runs, close, open, save, editor } = shared;
  const node = definition.definition.nodes.find(({ id }) => id === opened);
  if (!node) return null;
  return (
    <StepView
      key={node.id}
      {...inspectorProps(shared, types)}
      node={node}
      type={types.find(({ type }) => type === node.type)}
      runs={runs}
      onOpen={open}
      onSave={() => editor.dirty && !editor.saving && void save()}
      onClose={() => {
        close();
        focusStep(node.id);
      }}
    />
  );
}

/** The canvas, with the problems or the run below it. */
function Middle({ shared, types }: LayoutProps) {
  const { runs, problems, definition, selection, actions, editable, stale } = shared;
  const [stepChosen, setStepChosen] = useState<string | null>(null);
  const steps = runs.run?.steps ?? noSteps;
  const [node] = selection.selected;
  const onCanvas =
    selection.selected.length === 1 ? steps.findLast(({ nodeID }) => nodeID === node?.id) : undefined;
  const chosen =
    onCanvas && steps.find((step) => stepKey(step) === stepChosen)?.nodeID !== onCanvas.nodeID
      ? stepKey(onCanvas)
      : stepChosen;
  const choose = (key: string | null) => {
    setStepChosen(key);
    const step = steps.find((candidate) => stepKey(candidate) === key);
    if (step) actions.show(step.nodeID);
    else selection.select([]);
  };
  const content =
    runs.tab === "problems" ? (
      <ProblemsPanel
        problems={problems}
        nodes={definition.definition.nodes}
        types={types}
        stale={stale}
        onShow={({ nodeID, path }) => {
          if (nodeID) actions.show(nodeID);
          else selection.select([]);
          if (path) focusField(path);
        }}
      />
    ) : runs.tab === "run" && runs.run ? (
      <RunSteps run={runs.run} selected={chosen} onSelect={choose} />
    ) : null;
  return (
    <div className={classes.middle}>
      <BottomSplit below={content}>
        <EditorCanvas
          editor={definition}
          selection={selection}
          problems={problems}
          actions={actions}
          types={types}
          steps={steps}
          editable={editable}
          panels={shared.panels}
          onOpen={shared.open}
        />
      </BottomSplit>
      <PanelBar
        tab={content ? runs.tab : null}
        onTab={runs.setTab}
        errors={problems.filter(isError).length}
        warnings={problems.filter(({ severity }) => severity === "warning").length}
        hints={problems.filter(({ severity }) => severity === "hint").length}
        stale={stale}
        run={runs.run}
        lost={runs.lost}
        onForgetRun={runs.forget}
      />
    </div>
  );
}
