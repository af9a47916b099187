import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, SegmentedControl, Select, Text } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { RunDuration } from "@/domain/flow/run/run-duration";
import { StatusBadge, statusLook } from "@/domain/flow/run/status-badge";
import { TestMark } from "@/domain/flow/run/test-mark";
import { ResourceList, type ListColumn } from "@/domain/records/resource-list";
import { ResourceSelect } from "@/domain/records/resource-select";
import type { Instance, RunStatus } from "@/lib/api/model";
import type { ListParams } from "@/lib/api/resources";
import { runName } from "@/lib/flow/run-name";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import classes from "./runs.module.css";

const statuses: RunStatus[] = ["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED"];
/** The server supports only one order: newest first. */
const NEWEST_FIRST = "";

export function RunList() {
  const link = useTenantLink();
  const [search] = useSearchParams();
  const isTest = search.get("isTest");
  const params: ListParams = {
    workflowID: search.get("workflowID"),
    status: search.get("status") as RunStatus | null,
    trigger: search.get("trigger") as Instance["trigger"] | null,
    isTest: isTest === null ? null : isTest === "true",
  };
  return (
    <>
      <PageHeader title={t`Runs`} />
      <ResourceList
        kind="instance"
        noun={[t`run`, t`runs`]}
        to={({ id }) => link("runs", id)}
        columns={columns}
        params={params}
        filters={<Filters />}
        searchable={false}
        defaultSort={NEWEST_FIRST}
        empty={{
          icon: IconActivity,
          title: t`No runs yet`,
          text: t`Runs of workflows appear here, with their input, steps and errors.`,
          action: (
            <Button component={Link} to={link("workflows")} variant="default">
              <Trans>Open workflows</Trans>
            </Button>
          ),
        }}
      />
    </>
  );
}

/** The filters are in the URL, so that a view can be shared. */
function Filters() {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string | null) =>
    setSearch(
      (previous) => {
        if (value) previous.set(name, value);
        else previous.delete(name);
        return previous;
      },
      { replace: true },
    );
  return (
    <>
      <ResourceSelect
        kind="workflow"
        aria-label={t`Workflow`}
        placeholder={t`Any workflow`}
        clearable
        w={220}
        maw="100%"
        value={search.get("workflowID")}
        onChange={(id) => set("workflowID", id)}
      />
      <Select
        aria-label={t`Status`}
        placeholder={t`Any status`}
        clearable
        w={150}
        data={statuses.map((status) => ({ value: status, label: statusLook[status].word }))}
        value={search.get("status")}
        onChange={(status) => set("status", status)}
      />
      <Select
        aria-label={t`Trigger`}
        placeholder={t`Any trigger`}
        clearable
        w={170}
        data={Object.entries(triggers).map(([value, label]) => ({ value, label }))}
        value={search.get("trigger")}
        onChange={(trigger) => set("trigger", trigger)}
      />
      <SegmentedControl
        size="sm"
        aria-label={t`Run type`}
        value={search.get("isTest") ?? ""}
        onChange={(value) => set("isTest", value)}
        data={[
          { value: "", label: t`All` },
          { value: "false", label: t`Real` },
          { value: "true", label: t`Tests` },
        ]}
      />
    </>
  );
}

const triggers: Record<string, string> = {
  manual: t`Manual`,
  api: t`API`,
  schedule: t`Schedule`,
  webhook: t`Webhook`,
  workflow: t`Workflow`,
  error: t`Error`,
};

const columns: ListColumn<Instance>[] = [
  { label: t`Status`, width: 140, render: ({ status }) => <StatusBadge status={status} /> },
  {
    label: t`Workflow`,
    render: (run) => (
      <Group gap={6} wrap="nowrap">
        <span className={classes.workflow}>{runName(run)}</span>
        {run.workflowVersion ? (
          <Text span size="xs" c="dimmed">
            v{run.workflowVersion}
          </Text>
        ) : null}
        {run.isTest && <TestMark />}
      </Group>
    ),
  },
  {
    label: t`Trigger`,
    secondary: true,
    render: ({ trigger, replayOf }) => (replayOf ? t`Replay` : (triggers[trigger] ?? trigger)),
  },
  { label: t`Time`, render: ({ createdAt }) => <Time value={createdAt} /> },
  { label: t`Duration`, align: "right", secondary: true, render: (run) => <RunDuration run={run} /> },
];
