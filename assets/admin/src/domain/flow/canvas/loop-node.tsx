import { Trans } from "@lingui/react/macro";
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { IconPlus } from "@tabler/icons-react";
import { memo } from "react";
import { titleOf } from "@/lib/flow/graph";
import { statusLook } from "../run/status-badge";
import { useFlow } from "./flow-context";
import type { StepNode } from "./flow-model";
import { Marks, OutHandle, Words } from "./flow-node";
import flow from "./flow.module.css";
import classes from "./loop-node.module.css";
import { NodeIcon } from "./node-icon";
import { RoundChooser } from "./round-chooser";

/** A loop: a frame around the steps that it repeats. */
export const LoopNode = memo(function LoopNode({ id, data, selected }: NodeProps<StepNode>) {
  const { states, changes, target, onFill, rounds, onRound } = useFlow();
  const { node, handles } = data;
  const state = states.get(id);
  const own = rounds?.get(id);
  return (
    <div
      className={classes.loop}
      data-selected={selected || undefined}
      data-change={changes?.get(id)}
      data-target={target === id || undefined}
      data-disabled={node.settings?.disabled === true || undefined}
      data-tone={state ? statusLook[state.status].tone : undefined}
      data-broken={data.problems.some(({ severity }) => severity === "error") || undefined}
    >
      {own && onRound && (
        <RoundChooser name={titleOf(node)} rounds={own} onChoose={(index) => onRound(id, index)} />
      )}
      <Handle type="target" position={Position.Left} className={`${flow.target} ${classes.target}`} />
      <div className={`${flow.head} ${classes.head}`}>
        <span className={flow.icon}>
          <NodeIcon type={node.type} size={18} />
        </span>
        <Words id={id} data={data} />
        <Marks data={data} />
        <span className={classes.ways}>
          {handles.map((handle) => (
            <span
              key={handle.id}
              className={classes.way}
              data-error={handle.id === "error" || undefined}
              data-stale={handle.stale}
            >
              {handles.length > 1 && handle.label}
              <OutHandle nodeID={id} handle={handle} used={data.used.has(handle.id)} />
            </span>
          ))}
        </span>
      </div>
      {data.isEmpty && onFill && (
        <button
          type="button"
          className={`${classes.fill} nodrag nopan`}
          onClick={(event) => {
            event.stopPropagation();
            const { left, bottom } = event.currentTarget.getBoundingClientRect();
            onFill(id, { x: left, y: bottom + 4 });
          }}
        >
          <IconPlus size={14} aria-hidden />
          <Trans>Add a step to the loop</Trans>
        </button>
      )}
    </div>
  );
});
