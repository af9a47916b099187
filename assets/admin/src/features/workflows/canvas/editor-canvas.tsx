import { plural, t } from "@lingui/core/macro";
import { useLocalStorage } from "@mantine/hooks";
import { Panel, useReactFlow, type OnConnectEnd } from "@xyflow/react";
import { useMemo } from "react";
import { FlowCanvas } from "@/domain/flow/canvas/flow-canvas";
import type { FlowContextValue } from "@/domain/flow/canvas/flow-context";
import { NODE_WIDTH } from "@/domain/flow/canvas/flow-model";
import { useKeptCentre } from "@/domain/flow/canvas/use-kept-centre";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import type { NodeType, Problem, Step, WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { loopOf } from "@/lib/flow/loops";
import { edgeFates, nodeStates } from "@/lib/flow/run-state";
import type { DefinitionEditor } from "../editor/use-definition";
import classes from "../workflows.module.css";
import { FindStep } from "./find-step";
import { focusStep } from "./focus-step";
import { DRAGGED_TYPE } from "./node-menu";
import { NodeMenuPopup } from "./node-menu-popup";
import { PanelToggles, type Panels } from "./panel-toggles";
import { Toolbar } from "./toolbar";
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
  panels: Panels;
  /** Opens a step at full width. */
  onOpen: (nodeID: string) => void;
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
  panels,
  onOpen,
}: EditorCanvasProps) {
  const [minimap, setMinimap] = useLocalStorage({
    key: "jet-admin.minimap",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const frame = useKeptCentre();
  const { adding, remove } = actions;
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
          selected={selection.selected[0]}
          editable={editable}
          minimap={minimap}
          onMinimap={() => setMinimap(!minimap)}
        />
      </Panel>
    ),
    [editor, actions, selection.selected, editable, minimap, setMinimap],
  );

  const offerOnDrop = useOfferOnDrop(actions);
  const drop = useTypeDrop(types, editable, actions);

  return (
    <div
      ref={frame}
      className={classes.canvas}
      onKeyDownCapture={openOnEnter(selection.selected, onOpen)}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED_TYPE) && event.preventDefault()}
      onDrop={drop}
    >
      <FlowCanvas
        context={context}
        minimap={minimap}
        readable
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
        zoomOnDoubleClick={false}
        onNodeDoubleClick={(_, { id }) => onOpen(id)}
      >
        {toolbar}
        <PanelToggles panels={panels} editable={editable} />
        {actions.finding && (
          <Panel position="top-center">
            <FindStep
              nodes={editor.definition.nodes}
              types={types}
              onShow={actions.show}
              onClose={(nodeID) => {
                actions.setFinding(false);
                if (nodeID) actions.goTo(nodeID);
              }}
            />
          </Panel>
        )}
      </FlowCanvas>
      {adding && <AddMenu definition={editor.definition} types={types} actions={actions} adding={adding} />}
      <DoomedLoop actions={actions} />
    </div>
  );
}

/** Adds the step type that is dropped on the canvas. */
function useTypeDrop(types: readonly NodeType[], editable: boolean, actions: GraphActions) {
  const flow = useReactFlow();
  return (event: React.DragEvent) => {
    const type = types.find((candidate) => candidate.type === event.dataTransfer.getData(DRAGGED_TYPE));
    if (!type || !editable) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    actions.add(type, { position: { x: at.x - NODE_WIDTH / 2, y: at.y - 24 } });
  };
}

/** Enter selects the focused step, and opens it once it is selected. */
const openOnEnter =
  (selected: readonly WorkflowNode[], onOpen: (nodeID: string) => void) => (event: React.KeyboardEvent) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement))
      return;
    const id = event.target.classList.contains("react-flow__node") ? event.target.dataset["id"] : undefined;
    if (id === undefined || selected.length !== 1 || selected[0]?.id !== id) return;
    event.preventDefault();
    event.stopPropagation();
    onOpen(id);
  };

interface AddMenuProps {
  definition: Graph;
  types: readonly NodeType[];
  actions: GraphActions;
  adding: Adding;
}

/** The menu of the steps that can be added in a place. */
function AddMenu({ definition, types, actions, adding }: AddMenuProps) {
  const before = adding.from?.nodeID ?? definition.edges.find(({ id }) => id === adding.edgeID)?.source;
  return (
    <NodeMenuPopup
      types={types.filter(
        ({ type }) => type !== "start" && !(type === "end" && isInLoop(definition, adding)),
      )}
      at={adding.at}
      onPick={(type) => actions.add(type, adding)}
      onClose={() => {
        actions.setAdding(null);
        const back = before ?? adding.into;
        if (back) focusStep(back);
      }}
    />
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
