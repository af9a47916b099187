import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Switch, Text } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import { ReactFlowProvider } from "@xyflow/react";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { FlowCanvas } from "@/domain/flow/canvas/flow-canvas";
import { toFlowEdges, toFlowNodes } from "@/domain/flow/canvas/flow-model";
import { compareContents } from "@/domain/records/compare/compare";
import { ComparisonView } from "@/domain/records/compare/comparison";
import { contentOf, contentOfVersion } from "@/domain/records/compare/content";
import { useRestoreVersion } from "@/domain/records/history/restore";
import { useNodeTypes } from "@/lib/api/catalog";
import { isNowhere } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { NodeType, VersionDetail, Workflow } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useVersion } from "@/lib/api/subjects/versions";
import type { GraphDiff } from "@/lib/flow/diff";
import type { Graph } from "@/lib/flow/graph";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";
import classes from "../workflows.module.css";

/** Shows an earlier version of a workflow, which can be restored. */
export function WorkflowVersionPage() {
  const { workflowID = "", version = "" } = useParams();
  const past = useVersion("workflow", workflowID, Number(version));
  const current = useOne("workflow", workflowID);
  const types = useNodeTypes();
  const error = past.error ?? types.error;
  if (isNowhere(error)) return <NotFound />;
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
  past: VersionDetail;
  current: Workflow | undefined;
  types: NodeType[];
}

function VersionView({ id, version, past, current, types }: VersionViewProps) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const isPast = current !== undefined && current.version !== version;
  const [comparing, setComparing] = useState(false);
  const comparison = useMemo(
    () =>
      isPast && comparing
        ? compareContents("workflow", contentOfVersion("workflow", past), contentOf("workflow", current), {
            nodeTypes: types,
          })
        : null,
    [isPast, comparing, past, current, types],
  );
  const diff = comparison?.graph ?? null;
  const { restore, restoring } = useRestoreVersion("workflow", id);
  const open = async () => {
    if (current && (await restore(current, past))) void navigate(link("workflows", id));
  };
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
                <Button
                  leftSection={<IconRestore size={16} />}
                  loading={restoring}
                  onClick={() => void open()}
                >
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
          graph={diff?.graph ?? (past.spec as unknown as Graph)}
          diff={diff}
          types={types}
        />
        {comparison && (
          <aside className={classes.changes} aria-label={t`Changes`} tabIndex={0}>
            <ComparisonView
              order={2}
              comparison={comparison}
              same={t`No changes since this version (layout is ignored).`}
            />
          </aside>
        )}
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
