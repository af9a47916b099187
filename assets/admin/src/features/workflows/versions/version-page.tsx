import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Switch, Text } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { FlowCanvas } from "@/domain/flow/canvas/flow-canvas";
import { toFlowEdges, toFlowNodes } from "@/domain/flow/canvas/flow-model";
import { useNodeTypes } from "@/lib/api/catalog";
import { api } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { NodeType, Workflow, WorkflowVersion } from "@/lib/api/model";
import { useOne, usePatch } from "@/lib/api/resources";
import { diffGraphs, type GraphDiff } from "@/lib/flow/diff";
import type { Graph } from "@/lib/flow/graph";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";
import { definitionOf } from "../graph/definition";
import classes from "../workflows.module.css";
import { describedVersion, describedWorkflow, diffDefinitions } from "./definition-diff";
import { VersionChanges } from "./version-changes";

function useVersion(id: string, version: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "workflow", id), "versions", version],
    queryFn: ({ signal }): Promise<WorkflowVersion> =>
      api.get("/api/v1/tenants/{tenantID}/workflows/{workflowID}/versions/{version}", {
        path: { tenantID, workflowID: id, version },
        signal,
      }),
    staleTime: Infinity,
  });
}

/** Shows an earlier version of a workflow, which can be restored. */
export function WorkflowVersionPage() {
  const { workflowID = "", version = "" } = useParams();
  const past = useVersion(workflowID, version);
  const current = useOne("workflow", workflowID);
  const types = useNodeTypes();
  const error = past.error ?? types.error;
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error)
    return (
      <ErrorPanel page error={error} onRetry={() => void Promise.all([past.refetch(), types.refetch()])} />
    );
  if (!past.data || !types.data) return <Skeleton m="xl" h={320} />;
  return (
    <VersionView
      key={version}
      id={workflowID}
      version={Number(version)}
      past={past.data}
      current={current.data}
      types={types.data}
    />
  );
}

interface VersionViewProps {
  id: string;
  version: number;
  past: WorkflowVersion;
  current: Workflow | undefined;
  types: NodeType[];
}

function VersionView({ id, version, past, current, types }: VersionViewProps) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const patch = usePatch("workflow");
  const isPast = current !== undefined && current.version !== version;
  const [comparing, setComparing] = useState(false);
  const diff = useMemo(
    () => (isPast && comparing ? diffGraphs(past.spec, current) : null),
    [isPast, comparing, past.spec, current],
  );
  const groups = useMemo(
    () => (diff && current ? diffDefinitions(describedVersion(past), describedWorkflow(current), diff) : []),
    [diff, past, current],
  );
  const restore = () =>
    patch.mutate(
      { id, patch: definitionOf(past.spec), ...(current ? { version: current.version } : {}) },
      {
        onSuccess: () => {
          notify.done(t`Restored version ${version}`);
          void navigate(link("workflows", id));
        },
        onError: (error) => notify.failed(error),
      },
    );
  return (
    <div className={classes.page}>
      <PageHeader
        title={t`Version ${version}`}
        breadcrumb={[
          { label: t`Workflows`, to: link("workflows") },
          { label: current?.name ?? past.name, to: link("workflows", id) },
        ]}
        state={
          <Text size="sm" c="dimmed">
            <Trans>
              <Time value={past.at} /> by {past.by}
            </Trans>
          </Text>
        }
        actions={
          isPast && (
            <>
              <Switch
                label={t`Show changes since this version`}
                checked={comparing}
                onChange={(event) => setComparing(event.currentTarget.checked)}
              />
              {can("workflow:update") && (
                <Button leftSection={<IconRestore size={16} />} loading={patch.isPending} onClick={restore}>
                  <Trans>Restore this version</Trans>
                </Button>
              )}
            </>
          )
        }
      />
      <div className={classes.versionBody}>
        <VersionGraph
          key={String(diff !== null)}
          graph={diff?.graph ?? past.spec}
          diff={diff}
          types={types}
        />
        {diff && <VersionChanges graph={diff} groups={groups} />}
      </div>
    </div>
  );
}

function VersionGraph({ graph, diff, types }: { graph: Graph; diff: GraphDiff | null; types: NodeType[] }) {
  const nodes = useMemo(() => toFlowNodes(graph, types), [graph, types]);
  const edges = useMemo(() => toFlowEdges(graph, types), [graph, types]);
  const context = useMemo(
    () => ({
      states: new Map(),
      fates: new Map(),
      ...(diff ? { changes: new Map([...diff.nodes, ...diff.edges]) } : {}),
    }),
    [diff],
  );
  return (
    <div className={classes.canvas}>
      <ReactFlowProvider>
        <FlowCanvas
          context={context}
          minimap
          nodes={nodes}
          edges={edges}
          nodesDraggable={false}
          nodesConnectable={false}
          deleteKeyCode={null}
        />
      </ReactFlowProvider>
    </div>
  );
}
