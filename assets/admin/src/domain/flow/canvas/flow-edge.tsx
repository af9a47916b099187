import { t } from "@lingui/core/macro";
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from "@xyflow/react";
import { IconPlus, IconX } from "@tabler/icons-react";
import { memo } from "react";
import { pathThrough } from "./edge-lanes";
import { useFlow } from "./flow-context";
import type { StepEdge } from "./flow-model";
import classes from "./flow.module.css";
import edge from "./flow-edge.module.css";

export const FlowEdge = memo(function FlowEdge(props: EdgeProps<StepEdge>) {
  const { id, selected, sourceHandleId } = props;
  const { fates, changes, onInsert, onRemoveEdge } = useFlow();
  const [path, x, y] = pathOf(props);
  const fate = fates.get(id);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={24}
        className={classes.edge ?? ""}
        data-fate={fate}
        data-change={changes?.get(id)}
        data-error={sourceHandleId === "error" || undefined}
        data-selected={selected || undefined}
      />
      {selected && onInsert && onRemoveEdge && (
        <EdgeLabelRenderer>
          <div
            className={`${edge.tools} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            <button
              type="button"
              aria-label={t`Insert a step`}
              onClick={(event) => {
                const { left, bottom } = event.currentTarget.getBoundingClientRect();
                onInsert(id, { x: left, y: bottom + 4 });
              }}
            >
              <IconPlus size={14} aria-hidden />
            </button>
            <button type="button" aria-label={t`Remove connection`} onClick={() => onRemoveEdge(id)}>
              <IconX size={14} aria-hidden />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

/** Returns the path of an edge, and where its buttons are. */
function pathOf(props: EdgeProps<StepEdge>): [path: string, x: number, y: number] {
  const lane = props.data?.lane;
  if (lane === undefined) {
    const [path, x, y] = getBezierPath(props);
    return [path, x, y];
  }
  const [from, to] = [
    { x: props.sourceX, y: props.sourceY },
    { x: props.targetX, y: props.targetY },
  ];
  return [pathThrough(from, to, lane), (from.x + to.x) / 2, lane];
}
