import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Group, Skeleton, Splitter, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { ReactFlowProvider } from "@xyflow/react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { FlowCanvas } from "@/domain/flow/canvas/flow-canvas";
import { toFlowEdges, toFlowNodes } from "@/domain/flow/canvas/flow-model";
import { RunDuration } from "@/domain/flow/run/run-duration";
import { RunSteps } from "@/domain/flow/run/run-steps";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { useNodeTypes } from "@/lib/api/catalog";
import { isNowhere } from "@/lib/api/errors";
import type { NodeType, Run, Step } from "@/lib/api/model";
import { useRun } from "@/lib/api/subjects/runs";
import {
  chosenFromText,
  chosenOf,
  roundsToChoose,
  statesIn,
  stepsIn,
  stepToShow,
  type Chosen,
} from "@/lib/flow/chosen-rounds";
import { runName } from "@/lib/flow/run-name";
import { edgeFates, stepKey } from "@/lib/flow/run-state";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Later } from "@/ui/page/later";
import { PageHeader } from "@/ui/page/page-header";
import { Panes } from "@/ui/page/panes";
import { NotFound } from "@/ui/page/plain-page";
import { CopyButton } from "@/ui/text/copy-button";
import { Time } from "@/ui/text/time";
import classes from "./runs.module.css";
import { RunActions } from "./run-actions";
import { ROUND, useRounds, type ChosenRounds } from "./use-rounds";

export function RunPage() {
  const { instanceID } = useParams();
  const { run, error, refetch, lost } = useRun(instanceID);
  const types = useNodeTypes();
  // A long run is drawn in parts between which the page reacts.
  const shown = useDeferredValue(run);
  const failure = run && types.data ? null : (error ?? types.error);
  if (isNowhere(failure)) return <NotFound />;
  if (failure)
    return <ErrorPanel page error={failure} onRetry={() => void Promise.all([refetch(), types.refetch()])} />;
  if (!run || shown?.id !== run.id || !types.data) {
    return (
      <Stack p="xl" gap="md" aria-busy>
        <Skeleton h={28} w={280} />
        <Skeleton h={320} />
      </Stack>
    );
  }
  return <RunView key={shown.id} run={shown} types={types.data} lost={lost} />;
}

interface RunViewProps {
  run: Run;
  types: NodeType[];
  lost: boolean;
}

const RunView = memo(function RunView({ run, types, lost }: RunViewProps) {
  const [search] = useSearchParams();
  const wide = useMediaQuery("(width > 48em)", true, { getInitialValueInEffect: false });
  const [selected, setSelected] = useState<string | null>(() =>
    firstStep(run, chosenFromText(search.getAll(ROUND))),
  );
  const step = run.steps?.find((candidate) => stepKey(candidate) === selected);
  const rounds = useRounds(run, step, setSelected);
  const graph = (
    <Later>
      <RunGraph run={run} types={types} selected={selected} rounds={rounds} />
    </Later>
  );
  const steps = <RunSteps run={run} selected={selected} onSelect={rounds.select} />;
  return (
    <div className={classes.page}>
      <RunHeader run={run} step={step} />
      <RunFacts run={run} lost={lost} />
      {wide ? (
        <div className={classes.body}>
          <Panes name="run" orientation="vertical">
            <Splitter.Pane defaultSize={50} min={15}>
              {graph}
            </Splitter.Pane>
            <Splitter.Pane defaultSize={50} min={15}>
              {steps}
            </Splitter.Pane>
          </Panes>
        </div>
      ) : (
        <div>
          <div className={classes.smallGraph}>{graph}</div>
          {steps}
        </div>
      )}
    </div>
  );
});

/**
 * Returns the step to select first: an open approval or a failure; for an iteration in the URL at least its first step.
 */
function firstStep({ nodes = [], steps = [] }: Run, wished: Chosen): string | null {
  const chosen = chosenOf(roundsToChoose(nodes ?? [], steps ?? [], wished));
  const within = stepsIn(nodes ?? [], steps ?? [], chosen);
  const loop = [...chosen.keys()].at(-1);
  const inRound =
    loop === undefined ? undefined : stepToShow(nodes ?? [], steps ?? [], chosen, loop, undefined);
  const first =
    within.find(({ task, status }) => task && status === "WAITING") ??
    within.find(({ status }) => status === "FAILED") ??
    inRound;
  return first ? stepKey(first) : null;
}

function titleOf(run: Run): string {
  const name = runName(run);
  if (!run.isTest) return t`Run of ${name}`;
  return run.workflowID ? t`Test run of ${name}` : name;
}

function RunHeader({ run, step }: { run: Run; step: Step | undefined }) {
  const link = useTenantLink();
  return (
    <PageHeader
      title={titleOf(run)}
      breadcrumb={[{ label: t`Runs`, to: link("runs") }]}
      state={<StatusBadge status={run.status} />}
      actions={<RunActions run={run} step={step} />}
    />
  );
}

function RunFacts({ run, lost }: { run: Run; lost: boolean }) {
  const link = useTenantLink();
  return (
    <Group className={classes.facts}>
      <Fact label={t`Started`}>
        <Time value={run.startedAt ?? run.createdAt} />
      </Fact>
      <Fact label={t`Duration`}>
        <RunDuration run={run} />
      </Fact>
      {run.workflowID && (
        <Fact label={t`Workflow`}>
          <Anchor
            component={Link}
            to={
              run.workflowVersion
                ? link("workflows", run.workflowID, "versions", String(run.workflowVersion))
                : link("workflows", run.workflowID)
            }
            size="sm"
          >
            {run.workflowName} {run.workflowVersion ? `v${run.workflowVersion}` : ""}
          </Anchor>
        </Fact>
      )}
      {run.startedBy && (
        <Fact label={t`Run by`}>
          <Text span size="sm">
            {run.startedBy}
          </Text>
        </Fact>
      )}
      {run.parentID && (
        <Fact label={t`Part of`}>
          <Anchor component={Link} to={link("runs", run.parentID)} size="sm">
            <Trans>parent run</Trans>
          </Anchor>
        </Fact>
      )}
      {run.replayOf && (
        <Fact label={t`Replay of`}>
          <Anchor component={Link} to={link("runs", run.replayOf)} size="sm">
            <Trans>an earlier run</Trans>
          </Anchor>
        </Fact>
      )}
      <Fact label={t`ID`}>
        <Text span size="sm" ff="monospace" className={classes.id}>
          {run.id}
        </Text>
        <CopyButton value={run.id} label={t`Copy run ID`} />
      </Fact>
      {lost && (
        <Text size="sm" c="dimmed" role="status">
          <Trans>Connection lost, reconnecting…</Trans>
        </Text>
      )}
    </Group>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" className={classes.fact}>
      <Text span size="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </Group>
  );
}

interface RunGraphProps {
  run: Run;
  types: NodeType[];
  selected: string | null;
  rounds: ChosenRounds;
}

/** Shows the graph that ran, with the state of each step. */
function RunGraph({ run, types, selected, rounds: { rounds, chosen, choose, select } }: RunGraphProps) {
  const { nodes, edges, steps } = run;
  const graph = useMemo(() => ({ nodes: nodes ?? [], edges: edges ?? [] }), [nodes, edges]);
  const drawn = useMemo(() => toFlowNodes(graph, types), [graph, types]);
  const lines = useMemo(() => toFlowEdges(graph, types), [graph, types]);
  const within = useMemo(() => stepsIn(graph.nodes, steps ?? [], chosen), [graph.nodes, steps, chosen]);
  const context = useMemo(
    () => ({
      states: statesIn(graph.nodes, steps ?? [], chosen),
      fates: edgeFates(graph, within),
      rounds,
      onRound: choose,
    }),
    [graph, steps, within, chosen, rounds, choose],
  );
  const at = steps?.find((step) => stepKey(step) === selected)?.nodeID;
  const shown = useMemo(
    () => drawn.map((node) => (node.id === at ? { ...node, selected: true } : node)),
    [drawn, at],
  );
  if (graph.nodes.length === 0) {
    return (
      <Text c="dimmed" size="sm" p="lg">
        <Trans>The graph of this run is not available.</Trans>
      </Text>
    );
  }
  return (
    <ReactFlowProvider>
      <FlowCanvas
        context={context}
        nodes={shown}
        edges={lines}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        onPaneClick={() => select(null)}
        onNodeClick={(_, { id }) => {
          const step = within.findLast(({ nodeID }) => nodeID === id);
          select(step ? stepKey(step) : null);
        }}
      />
    </ReactFlowProvider>
  );
}
