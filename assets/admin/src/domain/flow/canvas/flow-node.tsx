import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Tooltip } from "@mantine/core";
import { Handle, Position, type NodeProps } from "@xyflow/react";
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconNote,
  IconPencil,
  IconPinned,
  IconPlus,
} from "@tabler/icons-react";
import { memo } from "react";
import { changeWords } from "@/lib/flow/diff";
import { titleOf } from "@/lib/flow/graph";
import type { FlowHandle } from "@/lib/flow/handles";
import type { NodeState } from "@/lib/flow/run-state";
import { formatDuration } from "@/lib/format/format";
import { StatusBadge, statusLook } from "../run/status-badge";
import { useFlow } from "./flow-context";
import type { StepData, StepNode } from "./flow-model";
import classes from "./flow.module.css";
import { NodeIcon } from "./node-icon";

export const FlowNode = memo(function FlowNode({ id, data, selected }: NodeProps<StepNode>) {
  const { states, changes } = useFlow();
  const { node, type, handles, hasInput } = data;
  const state = states.get(id);
  const several = handles.length > 1;
  return (
    <div
      className={classes.node}
      data-selected={selected || undefined}
      data-change={changes?.get(id)}
      data-disabled={node.settings?.disabled === true || undefined}
      data-tone={state ? statusLook[state.status].tone : undefined}
      data-active={state?.status === "RUNNING" || undefined}
      data-broken={data.problems.some(({ severity }) => severity === "error") || undefined}
    >
      {hasInput && <Handle type="target" position={Position.Left} className={classes.target ?? ""} />}
      <div className={classes.head}>
        <span className={classes.icon} data-category={type?.category}>
          <NodeIcon type={node.type} size={18} />
        </span>
        <Words id={id} data={data} />
        <Marks data={data} />
        {!several && handles[0] && (
          <OutHandle nodeID={id} handle={handles[0]} used={data.used.has(handles[0].id)} />
        )}
      </div>
      {several && (
        <div className={classes.rows}>
          {handles.map((handle) => (
            <div
              key={handle.id}
              className={classes.handleRow}
              data-stale={handle.stale}
              data-error={handle.id === "error" || undefined}
            >
              <span>{handle.label}</span>
              <OutHandle nodeID={id} handle={handle} used={data.used.has(handle.id)} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
});

/** Shows the type of a step, or its state in the run that is shown. */
export function Words({ id, data: { node, type } }: { id: string; data: StepData }) {
  const { states, changes } = useFlow();
  const state = states.get(id);
  const change = changes?.get(id);
  const kind = type?.name ?? t`${node.type} (unknown)`;
  return (
    <span className={classes.words}>
      <span className={classes.name}>{titleOf(node)}</span>
      <span className={classes.kind}>
        {state ? <StateLine state={state} /> : change ? `${kind}, ${changeWords[change]}` : kind}
      </span>
    </span>
  );
}

/** "Completed 41 ms", "Running 3 of 8", "Retrying, attempt 2". */
function StateLine({ state }: { state: NodeState }) {
  const { status, rounds, attempt, durationMs } = state;
  const detail =
    rounds > 1
      ? roundsIn(state)
      : attempt > 1
        ? t`attempt ${attempt}`
        : status === "COMPLETED" && durationMs !== null
          ? formatDuration(durationMs)
          : "";
  return (
    <span className={classes.state}>
      <StatusBadge status={status} />
      {detail && <span className="tabular">{detail}</span>}
      {state.failed > 0 && status !== "FAILED" && (
        <span className={`${classes.error} tabular`}>
          <Trans>{state.failed} failed</Trans>
        </span>
      )}
    </span>
  );
}

const roundsIn = ({ status, rounds, done, failed }: NodeState): string =>
  status === "COMPLETED"
    ? `×${rounds}`
    : status === "FAILED"
      ? t`${failed} of ${rounds}`
      : t`${done} of ${rounds}`;

const marks = {
  error: { Mark: IconAlertCircle, label: t`has errors` },
  warning: { Mark: IconAlertTriangle, label: t`has warnings` },
  hint: { Mark: IconPencil, label: t`has fields to fill in` },
};

export function Marks({ data: { node, problems } }: { data: StepData }) {
  const worst = (["error", "warning"] as const).find((one) =>
    problems.some(({ severity }) => severity === one),
  );
  const { Mark, label } = marks[worst ?? "hint"];
  const words = problems.map(({ message }) => message).join("\n");
  return (
    <span className={classes.marks}>
      {node.pinnedOutput !== undefined && (
        <Tooltip label={t`Test runs use the pinned output`}>
          <IconPinned size={14} aria-label={t`pinned output`} />
        </Tooltip>
      )}
      {node.notes && (
        <Tooltip label={node.notes} multiline maw={280} style={{ whiteSpace: "pre-wrap" }}>
          <IconNote size={14} aria-label={t`has notes`} />
        </Tooltip>
      )}
      {problems.length > 0 && (
        <Tooltip label={words} multiline maw={320} style={{ whiteSpace: "pre-line" }}>
          <Mark size={16} {...(worst ? { className: classes[worst] } : {})} aria-label={label} />
        </Tooltip>
      )}
    </span>
  );
}

export function OutHandle({ nodeID, handle, used }: { nodeID: string; handle: FlowHandle; used: boolean }) {
  const { onExtend } = useFlow();
  return (
    <>
      <Handle
        type="source"
        position={Position.Right}
        id={handle.id}
        className={classes.source ?? ""}
        data-error={handle.id === "error" || undefined}
        isConnectable={!handle.stale}
      />
      {onExtend && !used && !handle.stale && (
        <button
          type="button"
          className={`${classes.extend} nodrag nopan`}
          aria-label={t`Add a step after ${handle.label}`}
          onClick={(event) => {
            event.stopPropagation();
            const { right, top } = event.currentTarget.getBoundingClientRect();
            onExtend({ nodeID, handle: handle.id }, { x: right + 4, y: top });
          }}
        >
          <IconPlus size={12} stroke={2.2} aria-hidden />
        </button>
      )}
    </>
  );
}
