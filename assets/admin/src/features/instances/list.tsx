import { Group, SegmentedControl, Select, Text } from "@mantine/core";
import { IconActivity, IconFlask } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import type { Instance, RunStatus } from "@/lib/api/model";
import { useList, type ListParams } from "@/lib/api/resources";
import { isFinal } from "@/lib/flow/run-state";
import { useTenantLink } from "@/lib/tenant";
import { RunDuration } from "@/ui/flow/run-duration";
import { PageHeader } from "@/ui/page-header";
import { ResourceList, type ListColumn } from "@/ui/resource-list";
import { ResourceSelect } from "@/ui/resource-select";
import { StatusBadge, statusLook } from "@/ui/status-badge";
import { Time } from "@/ui/time";
import classes from "./instances.module.css";

const statuses: RunStatus[] = ["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED"];
/** The server has one order: the newest first. */
const NEWEST_FIRST = "";
/** How often the list is read again: quickly while something runs. */
const LIVE_MS = 1500;
const CALM_MS = 10_000;

export function RunList() {
  const link = useTenantLink();
  const [search] = useSearchParams();
  const isTest = search.get("isTest");
  const params: ListParams = { workflowID: search.get("workflowID"), status: search.get("status") as RunStatus | null, trigger: search.get("trigger") as Instance["trigger"] | null, isTest: isTest === null ? null : isTest === "true" };
  // The same request as the list's own: its answer says how soon to ask again.
  const { items } = useList("instance", { ...params, sort: NEWEST_FIRST });
  const live = items?.some(({ status }) => !isFinal(status)) ?? false;
  return (
    <>
      <PageHeader title="Runs" />
      <ResourceList
        kind="instance"
        noun={["run", "runs"]}
        to={({ id }) => link("runs", id)}
        columns={columns}
        params={params}
        filters={<Filters />}
        searchable={false}
        defaultSort={NEWEST_FIRST}
        refetchInterval={live ? LIVE_MS : CALM_MS}
        empty={{ icon: IconActivity, title: "Nothing has run yet", text: "Every run of a workflow stands here: what it was given, what each step did, and why it failed." }}
      />
    </>
  );
}

/** The filters live in the address, so that a view can be shared. */
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
      <ResourceSelect kind="workflow" aria-label="Workflow" placeholder="Any workflow" clearable w={220} maw="100%" value={search.get("workflowID")} onChange={(id) => set("workflowID", id)} />
      <Select aria-label="Status" placeholder="Any status" clearable w={150} data={statuses.map((status) => ({ value: status, label: statusLook[status].word }))} value={search.get("status")} onChange={(status) => set("status", status)} />
      <Select aria-label="Started" placeholder="Started any way" clearable w={170} data={Object.entries(triggers).map(([value, label]) => ({ value, label: `Started ${label}` }))} value={search.get("trigger")} onChange={(trigger) => set("trigger", trigger)} />
      <SegmentedControl
        size="sm"
        aria-label="Kind of runs"
        value={search.get("isTest") ?? ""}
        onChange={(value) => set("isTest", value)}
        data={[
          { value: "", label: "All" },
          { value: "false", label: "Real" },
          { value: "true", label: "Tests" },
        ]}
      />
    </>
  );
}

const triggers: Record<string, string> = { manual: "by hand", api: "through the API", schedule: "on schedule", webhook: "by webhook", workflow: "by a workflow", error: "by a failure" };

const columns: ListColumn<Instance>[] = [
  { label: "Status", width: 140, render: ({ status }) => <StatusBadge status={status} /> },
  {
    label: "Workflow",
    render: ({ workflowID, workflowName, workflowVersion, isTest }) => (
      <Group gap={6} wrap="nowrap">
        <span className={classes.workflow}>{workflowID ? workflowName : "Unsaved workflow"}</span>
        {workflowVersion ? (
          <Text span size="xs" c="dimmed">
            v{workflowVersion}
          </Text>
        ) : null}
        {isTest && <IconFlask size={14} aria-label="test run" color="var(--jet-muted)" />}
      </Group>
    ),
  },
  { label: "Started", secondary: true, render: ({ trigger }) => triggers[trigger] ?? trigger },
  { label: "When", render: ({ createdAt }) => <Time value={createdAt} /> },
  { label: "Took", align: "right", secondary: true, render: (run) => <RunDuration run={run} /> },
];
