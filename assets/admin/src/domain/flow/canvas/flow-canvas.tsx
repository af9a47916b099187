import { t } from "@lingui/core/macro";
import "@xyflow/react/dist/base.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  MiniMap,
  ReactFlow,
  type ReactFlowInstance,
  type ReactFlowProps,
} from "@xyflow/react";
import { useRef } from "react";
import { statusLook } from "../run/status-badge";
import { canvasWords } from "./canvas-words";
import { FlowContext, type FlowContextValue } from "./flow-context";
import { FlowEdge } from "./flow-edge";
import type { StepEdge, StepNode } from "./flow-model";
import { FlowNode } from "./flow-node";
import { LoopNode } from "./loop-node";
import classes from "./flow.module.css";
import { startView } from "./start-view";

const nodeTypes = { step: FlowNode, loop: LoopNode };
const edgeTypes = { step: FlowEdge };

/** How the whole graph is fitted into view. */
export const fitWhole = { maxZoom: 1, padding: 0.08 };
/** How the view moves: straight, because the smooth way zooms out on the way. */
export const glide = { duration: 160, interpolate: "linear" } as const;

const miniSize = { width: 160, height: 104 };

interface FlowCanvasProps extends ReactFlowProps<StepNode, StepEdge> {
  context: FlowContextValue;
  minimap?: boolean;
  /** Opens at a zoom at which names are readable, even if not all steps are visible then. */
  readable?: boolean;
}

/** A surface with steps and edges that pans and zooms; editing is up to the caller. */
export function FlowCanvas({
  context,
  minimap = false,
  readable = false,
  children,
  ...props
}: FlowCanvasProps) {
  const scheme = useComputedColorScheme("light");
  const frame = useRef<HTMLDivElement>(null);
  const begin = (flow: ReactFlowInstance<StepNode, StepEdge>) => {
    const { clientWidth: width, clientHeight: height } = frame.current ?? { clientWidth: 0, clientHeight: 0 };
    const view = startView(props.nodes ?? [], { width, height });
    if (view) void flow.setViewport(view);
  };
  return (
    <FlowContext.Provider value={context}>
      <ReactFlow<StepNode, StepEdge>
        className={classes.canvas ?? ""}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={scheme}
        minZoom={0.1}
        maxZoom={2}
        ref={frame}
        {...(readable ? { onInit: begin } : { fitView: true, fitViewOptions: fitWhole })}
        onlyRenderVisibleElements={(props.nodes?.length ?? 0) > 100}
        aria-label={t`Graph`}
        ariaLabelConfig={canvasWords}
        {...props}
      >
        <Background
          variant={BackgroundVariant.Dots}
          gap={16}
          size={1}
          color="var(--flow-dots)"
          bgColor="var(--mantine-color-body)"
        />
        {minimap && (
          <MiniMap<StepNode>
            pannable
            zoomable
            ariaLabel={t`Graph overview`}
            style={miniSize}
            className={classes.minimap ?? ""}
            nodeClassName={({ id, type }) =>
              `${classes.miniNode} ${type === "loop" ? classes.miniLoop : ""} ${classes[`mini-${toneOf(id, context)}`] ?? ""}`
            }
            nodeBorderRadius={6}
            maskColor="var(--flow-mask)"
            bgColor="var(--mantine-color-body)"
          />
        )}
        {children}
      </ReactFlow>
    </FlowContext.Provider>
  );
}

function toneOf(id: string, { states }: FlowContextValue): string {
  const state = states.get(id);
  return state ? statusLook[state.status].tone : "none";
}
