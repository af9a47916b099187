import { Button, Skeleton, Text } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useMemo } from "react";
import { useNavigate, useParams } from "react-router";
import { useNodeTypes } from "@/lib/api/catalog";
import { api } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { NodeType, Workflow, WorkflowVersion } from "@/lib/api/model";
import { keys, useOne, usePatch } from "@/lib/api/resources";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/error-panel";
import { FlowCanvas } from "@/ui/flow/flow-canvas";
import { toFlowEdges, toFlowNodes } from "@/ui/flow/flow-model";
import { notify } from "@/ui/notify";
import { PageHeader } from "@/ui/page-header";
import { NotFound } from "@/ui/plain-page";
import { Time } from "@/ui/time";
import { definitionOf } from "./definition";
import classes from "./workflows.module.css";

function useVersion(id: string, version: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "workflow", id), "versions", version],
    queryFn: ({ signal }): Promise<WorkflowVersion> => api.get("/api/v1/tenants/{tenantID}/workflows/{workflowID}/versions/{version}", { path: { tenantID, workflowID: id, version }, signal }),
    staleTime: Infinity,
  });
}

/** An earlier state of a workflow, to look at and to take back. */
export function WorkflowVersionPage() {
  const { workflowID = "", version = "" } = useParams();
  const past = useVersion(workflowID, version);
  const current = useOne("workflow", workflowID);
  const types = useNodeTypes();
  const error = past.error ?? types.error;
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error) return <ErrorPanel page error={error} onRetry={() => void Promise.all([past.refetch(), types.refetch()])} />;
  if (!past.data || !types.data) return <Skeleton m="xl" h={320} />;
  return <VersionView key={version} id={workflowID} version={Number(version)} past={past.data} current={current.data} types={types.data} />;
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
  const nodes = useMemo(() => toFlowNodes(past.spec, types), [past.spec, types]);
  const edges = useMemo(() => toFlowEdges(past.spec), [past.spec]);
  const context = useMemo(() => ({ states: new Map(), fates: new Map() }), []);
  const restore = () =>
    patch.mutate(
      { id, patch: definitionOf(past.spec), ...(current ? { version: current.version } : {}) },
      {
        onSuccess: () => {
          notify.done(`Version ${version} is the current one again`);
          void navigate(link("workflows", id));
        },
        onError: (error) => notify.failed(error),
      },
    );
  return (
    <div className={classes.page}>
      <PageHeader
        title={`Version ${version}`}
        breadcrumb={[
          { label: "Workflows", to: link("workflows") },
          { label: current?.name ?? past.name, to: link("workflows", id) },
        ]}
        state={
          <Text size="sm" c="dimmed">
            <Time value={past.at} /> by {past.by}
          </Text>
        }
        actions={
          can("workflow:update") &&
          current &&
          current.version !== version && (
            <Button leftSection={<IconRestore size={16} />} loading={patch.isPending} onClick={restore}>
              Restore this version
            </Button>
          )
        }
      />
      <div className={classes.canvas}>
        <ReactFlowProvider>
          <FlowCanvas context={context} minimap defaultNodes={nodes} defaultEdges={edges} nodesDraggable={false} nodesConnectable={false} deleteKeyCode={null} />
        </ReactFlowProvider>
      </div>
    </div>
  );
}
