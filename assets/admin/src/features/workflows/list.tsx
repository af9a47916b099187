import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCopy,
  IconPlus,
  IconSitemap,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList, type ListColumn, type RowAction } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { Instance, Workflow } from "@/lib/api/model";
import { useClone, useDelete, useList } from "@/lib/api/resources";
import { useNewDialog } from "@/lib/new-dialog";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { NewWorkflow } from "./new-workflow";
import classes from "./workflows.module.css";

export function WorkflowList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("workflow");
  const remove = useDelete("workflow");
  const [doomed, setDoomed] = useState<Workflow | null>(null);
  const creating = useNewDialog("workflows");

  const actions = (workflow: Workflow): RowAction[] => [
    ...(can("workflow:clone")
      ? [
          {
            label: t`Clone`,
            icon: <IconCopy size={16} />,
            onClick: () =>
              clone.mutate(
                { id: workflow.id },
                {
                  onSuccess: ({ id }) => void navigate(link("workflows", id)),
                  onError: (error) => notify.failed(error),
                },
              ),
          },
        ]
      : []),
    ...(can("workflow:delete")
      ? [
          {
            label: t`Delete`,
            icon: <IconTrash size={16} />,
            danger: true,
            onClick: () => setDoomed(workflow),
          },
        ]
      : []),
  ];
  const create = can("workflow:create") && (
    <Button leftSection={<IconPlus size={16} />} onClick={creating.open}>
      <Trans>New workflow</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Workflows`} actions={create} />
      <ResourceList
        kind="workflow"
        noun={[t`workflow`, t`workflows`]}
        to={({ id }) => link("workflows", id)}
        actions={actions}
        columns={columns}
        empty={{
          icon: IconSitemap,
          title: t`No workflows yet`,
          text: t`A workflow runs steps in order: queries, scripts, conditions, waits. Runs survive restarts of the server.`,
          action: create,
        }}
      />
      {creating.opened && <NewWorkflow onClose={creating.close} />}
      <ConfirmDelete
        noun={t`workflow`}
        name={doomed?.name ?? null}
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? remove.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}

const columns: ListColumn<Workflow>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => name },
  { label: t`Status`, render: ({ enabled }) => <Enabled enabled={enabled} /> },
  { label: t`Last run`, render: ({ id }) => <LastRun workflowID={id} /> },
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
