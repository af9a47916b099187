import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconFileExport,
  IconFileImport,
  IconSitemap,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { useExport } from "@/domain/records/transfer/use-export";
import { useCan } from "@/lib/api/me";
import type { Instance, Workflow } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useNewDialog } from "@/lib/new-dialog";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { NewWorkflow } from "./new-workflow";
import { TriggerCell } from "./triggers/trigger-cell";
import classes from "./workflows.module.css";

const ImportDialog = lazy(async () => ({
  default: (await import("@/domain/records/transfer/import-dialog")).ImportDialog,
}));

export function WorkflowList() {
  const creating = useNewDialog("workflows");
  const can = useCan();
  const save = useExport("workflow");
  const [isImporting, setImporting] = useState(false);
  return (
    <RecordListPage
      kind="workflow"
      columns={columns}
      create={{ label: t`New workflow`, onClick: creating.open }}
      secondary={
        can("workflow:create") && (
          <Button
            variant="default"
            leftSection={<IconFileImport size={16} />}
            onClick={() => setImporting(true)}
          >
            <Trans>Import</Trans>
          </Button>
        )
      }
      own={(workflow) =>
        save ? [{ label: t`Export`, icon: <IconFileExport size={16} />, onClick: () => save(workflow) }] : []
      }
      empty={{
        icon: IconSitemap,
        title: t`No workflows yet`,
        text: t`A workflow runs steps in order: queries, scripts, conditions, waits. Runs survive restarts of the server.`,
      }}
    >
      {isImporting && (
        <Suspense>
          <ImportDialog kind="workflow" onClose={() => setImporting(false)} />
        </Suspense>
      )}
      {creating.opened && <NewWorkflow onClose={creating.close} />}
    </RecordListPage>
  );
}

const columns: ListColumn<Workflow>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => name },
  { label: t`Status`, secondary: "phone", render: ({ enabled }) => <Enabled enabled={enabled} /> },
  { label: t`Trigger`, render: (workflow) => <TriggerCell workflow={workflow} /> },
  { label: t`Last run`, secondary: "phone", render: ({ id }) => <LastRun workflowID={id} /> },
  {
    label: t`Updated`,
    sortBy: "updatedAt",
    secondary: true,
    render: ({ updatedAt }) => <Time value={updatedAt} />,
  },
];

function Enabled({ enabled }: { enabled: boolean }) {
  const Mark = enabled ? IconCircleCheck : IconCircleDashed;
  return (
    <span className={classes.enabled}>
      <Mark
        size={16}
        stroke={1.8}
        color={enabled ? "light-dark(#1b7a3d, #5fd18a)" : "var(--jet-muted)"}
        aria-hidden
      />
      {enabled ? t`Enabled` : t`Disabled`}
    </span>
  );
}

/** One request returns the last run of most workflows; the others are requested individually. */
function useLastRun(workflowID: string): Instance | undefined {
  const recent = useList("instance", { isTest: false, limit: 200 });
  const found = recent.items?.find((run) => run.workflowID === workflowID);
  const alone = useList(
    "instance",
    { workflowID, isTest: false, limit: 1 },
    { enabled: recent.items !== undefined && !found && recent.hasNextPage },
  );
  return found ?? alone.items?.[0];
}

function LastRun({ workflowID }: { workflowID: string }) {
  const link = useTenantLink();
  const run = useLastRun(workflowID);
  if (!run) return <span>–</span>;
  return (
    <Link to={link("runs", run.id)} className={classes.lastRun}>
      <StatusBadge status={run.status} />
      <span className={classes.lastRunTime}>
        <Time value={run.finishedAt ?? run.startedAt ?? run.createdAt} />
      </span>
    </Link>
  );
}
