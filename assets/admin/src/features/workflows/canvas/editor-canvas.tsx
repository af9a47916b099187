import { plural, t } from "@lingui/core/macro";
import { ActionIcon, Divider, Group, Paper, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Panel, useReactFlow, type OnConnectEnd } from "@xyflow/react";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconHierarchy3,
  IconMap,
  IconMaximize,
  IconMinus,
  IconPlus,
  type Icon,
} from "@tabler/icons-react";
import { useMemo } from "react";
import { FlowCanvas, fitWhole } from "@/domain/flow/canvas/flow-canvas";
import type { FlowContextValue } from "@/domain/flow/canvas/flow-context";
import { NODE_WIDTH } from "@/domain/flow/canvas/flow-model";
import { useKeptCentre } from "@/domain/flow/canvas/use-kept-centre";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import type { NodeType, Problem, Step } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { loopOf } from "@/lib/flow/loops";
import { edgeFates, nodeStates } from "@/lib/flow/run-state";
import type { DefinitionEditor } from "../editor/use-definition";
import classes from "../workflows.module.css";
import { DRAGGED_TYPE } from "./node-menu";
import { NodeMenuPopup } from "./node-menu-popup";
import { useCanvas, type Selection } from "./use-canvas";
import type { Adding, GraphActions } from "./use-graph-actions";

interface EditorCanvasProps {
  editor: DefinitionEditor;
  selection: Selection;
  problems: readonly Problem[];
  actions: GraphActions;
  types: readonly NodeType[];
  /** The steps of the run that is shown. */
  steps: readonly Step[];
  editable: boolean;
}

/** Nothing has run: the types of the steps make no difference. */
const nothing: Graph = { nodes: [], edges: [] };

/** The canvas. Positions during a drag stay in here, so that nothing else renders. */
export function EditorCanvas({
  editor,
  selection,
  problems,
  actions,
  types,
  steps,
  editable,
}: EditorCanvasProps) {
  const flow = useReactFlow();
  const [minimap, setMinimap] = useLocalStorage({
    key: "jet-admin.minimap",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const frame = useKeptCentre();
  const { adding, setAdding, remove } = actions;
  const canvas = useCanvas({
    definition: editor.definition,
    types,
    problems,
    change: editor.change,
    selection,
  });
  const context = useFlowContextValue(steps, editor.definition, editable, actions, canvas.target);

  // Must not render during a drag.
  const toolbar = useMemo(
    () => (
      <Panel position="bottom-left">
        <Toolbar
          editor={editor}
          actions={actions}
          editable={editable}
          minimap={minimap}
          onMinimap={() => setMinimap(!minimap)}
        />
      </Panel>
    ),
    [editor, actions, editable, minimap, setMinimap],
  );

  const offerOnDrop = useOfferOnDrop(actions);
  const drop = (event: React.DragEvent) => {
    const type = types.find((candidate) => candidate.type === event.dataTransfer.getData(DRAGGED_TYPE));
    if (!type || !editable) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    actions.add(type, { position: { x: at.x - NODE_WIDTH / 2, y: at.y - 24 } });
  };

  return (
    <div
      ref={frame}
      className={classes.canvas}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED_TYPE) && event.preventDefault()}
      onDrop={drop}
    >
      <FlowCanvas
        context={context}
        minimap={minimap}
        nodes={canvas.nodes}
        edges={canvas.edges}
        onNodesChange={canvas.onNodesChange}
        onEdgesChange={canvas.onEdgesChange}
        onConnect={actions.connect}
        onConnectEnd={offerOnDrop}
        isValidConnection={actions.isValid}
        onDelete={({ nodes, edges }) =>
          remove(
            nodes.map(({ id }) => id),
            edges.map(({ id }) => id),
          )
        }
        nodesDraggable={editable}
        nodesConnectable={editable}
        deleteKeyCode={editable ? ["Delete", "Backspace"] : null}
        multiSelectionKeyCode={["Meta", "Control", "Shift"]}
        snapToGrid
        snapGrid={[8, 8]}
      >
        {toolbar}
      </FlowCanvas>
      {adding && (
        <NodeMenuPopup
          types={types.filter(
            ({ type }) => type !== "start" && !(type === "end" && isInLoop(editor.definition, adding)),
          )}
          at={adding.at}
          onPick={(type) => actions.add(type, adding)}
          onClose={() => setAdding(null)}
        />
      )}
      <DoomedLoop actions={actions} />
    </div>
  );
}

/** Returns what the nodes and edges need: the state of the run, and how to edit the graph if it is editable. */
function useFlowContextValue(
  steps: readonly Step[],
  definition: Graph,
  editable: boolean,
  { setAdding, removeNow }: GraphActions,
  target: FlowContextValue["target"],
): FlowContextValue {
  const ran = steps.length ? definition : nothing;
  return useMemo(() => {
    const shown = { states: nodeStates(steps, ran.nodes), fates: edgeFates(ran, steps) };
    if (!editable) return shown;
    return {
      ...shown,
      onExtend: (from, at) => setAdding({ from, at }),
      onInsert: (edgeID, at) => setAdding({ edgeID, at }),
      onFill: (into, at) => setAdding({ into, at }),
      onRemoveEdge: (edgeID) => removeNow([], [edgeID]),
      target,
    };
  }, [steps, ran, editable, setAdding, removeNow, target]);
}

/** Offers the next step where a connection is dropped on nothing; shows why a connection is not allowed. */
function useOfferOnDrop({ setAdding, refuse }: GraphActions): OnConnectEnd {
  const flow = useReactFlow();
  return (event, { fromNode, fromHandle, isValid, toNode, toHandle }) => {
    if (toNode && fromNode && toHandle && isValid === false && toNode.id !== fromNode.id) {
      const [source, target] = fromHandle?.type === "target" ? [toNode, fromNode] : [fromNode, toNode];
      refuse({
        source: source.id,
        sourceHandle: (fromHandle?.type === "target" ? toHandle : fromHandle)?.id ?? null,
        target: target.id,
        targetHandle: null,
      });
    }
    if (isValid || toNode || !fromNode || fromHandle?.type !== "source") return;
    const { clientX: x, clientY: y } =
      "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
    const at = flow.screenToFlowPosition({ x, y });
    setAdding({
      at: { x, y },
      from: { nodeID: fromNode.id, handle: fromHandle.id ?? "out" },
      position: { x: at.x, y: at.y - 24 },
    });
  };
}

/** Confirms the deletion of a loop with its body. */
function DoomedLoop({ actions: { doomed, setDoomed, removeNow } }: { actions: GraphActions }) {
  const loop = doomed?.loop ?? null;
  return (
    <ConfirmDelete
      noun={t`loop`}
      name={loop}
      consequence={plural(doomed?.body ?? 0, {
        one: `Deletes the loop “${loop}” and the # step in it.`,
        other: `Deletes the loop “${loop}” and the # steps in it.`,
      })}
      onClose={() => setDoomed(null)}
      onDelete={async () => {
        if (doomed) removeNow(doomed.nodeIDs, doomed.edgeIDs);
      }}
    />
  );
}

/** Whether the new step becomes part of a loop. */
function isInLoop({ nodes, edges }: Graph, { into, from, edgeID }: Adding): boolean {
  const before = nodes.find(
    ({ id }) => id === (from?.nodeID ?? edges.find((edge) => edge.id === edgeID)?.source),
  );
  return into !== undefined || (before !== undefined && loopOf(nodes, before) !== undefined);
}

interface ToolbarProps {
  editor: DefinitionEditor;
  actions: GraphActions;
  editable: boolean;
  minimap: boolean;
  onMinimap: () => void;
}

function Toolbar({ editor, actions, editable, minimap, onMinimap }: ToolbarProps) {
  const flow = useReactFlow();
  return (
    <Paper withBorder radius="md" p={2} className={classes.toolbar ?? ""}>
      <Group gap={2} wrap="nowrap" role="toolbar" aria-label={t`Canvas`}>
        {editable && (
          <>
            <span className={classes.narrowOnly}>
              <Tool
                label={t`Add a step`}
                icon={IconPlus}
                onClick={(event) => {
                  const { left, top } = event.currentTarget.getBoundingClientRect();
                  actions.setAdding({ at: { x: left, y: top - 368 } });
                }}
              />
            </span>
            <Tool label={t`Undo`} icon={IconArrowBackUp} disabled={!editor.canUndo} onClick={editor.undo} />
            <Tool
              label={t`Redo`}
              icon={IconArrowForwardUp}
              disabled={!editor.canRedo}
              onClick={editor.redo}
            />
            <Tool label={t`Tidy up`} icon={IconHierarchy3} onClick={actions.tidy} />
            <Divider orientation="vertical" my={4} />
          </>
        )}
        <Tool label={t`Zoom out`} icon={IconMinus} onClick={() => void flow.zoomOut({ duration: 120 })} />
        <Tool label={t`Zoom in`} icon={IconPlus} onClick={() => void flow.zoomIn({ duration: 120 })} />
        <Tool
          label={t`Zoom to fit`}
          icon={IconMaximize}
          onClick={() => void flow.fitView({ ...fitWhole, duration: 160 })}
        />
        <span className={classes.wideOnly}>
          <Tool label={t`Overview`} icon={IconMap} pressed={minimap} onClick={onMinimap} />
        </span>
      </Group>
    </Paper>
  );
}

interface ToolProps {
  label: string;
  icon: Icon;
  disabled?: boolean;
  pressed?: boolean;
  onClick: React.MouseEventHandler<HTMLButtonElement>;
}

function Tool({ label, icon: ToolIcon, disabled = false, pressed, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={28}
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed, variant: pressed ? "light" : "subtle" })}
      >
        <ToolIcon size={16} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
