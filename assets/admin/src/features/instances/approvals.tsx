import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Group, SegmentedControl, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconUserCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { OpenTask } from "@/lib/api/model";
import { useTasks } from "@/lib/api/tasks";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { TaskForm } from "@/ui/flow/task-form";
import { PageHeader } from "@/ui/page-header";
import { Time } from "@/ui/time";
import classes from "./approvals.module.css";

/** What runs wait for: each question with its form, to be answered here. */
export function Approvals() {
  const { data: tasks, error, refetch } = useTasks();
  const [whose, setWhose] = useState("mine");
  const mine = tasks?.filter(({ isMine }) => isMine) ?? [];
  const shown = whose === "mine" ? mine : (tasks ?? []);
  return (
    <>
      <PageHeader title={t`Approvals`} />
      <div className={classes.page}>
        {error && !tasks && <ErrorPanel error={error} onRetry={() => void refetch()} />}
        {!error && !tasks && (
          <Stack gap="sm" aria-busy>
            <Skeleton h={44} />
            <Skeleton h={44} />
          </Stack>
        )}
        {tasks && tasks.length > mine.length && (
          <Group mb="md">
            <SegmentedControl
              aria-label={t`Whose`}
              value={whose}
              onChange={setWhose}
              data={[
                { value: "mine", label: t`For you (${mine.length})` },
                { value: "all", label: t`All (${tasks.length})` },
              ]}
            />
          </Group>
        )}
        {tasks && shown.length === 0 && <EmptyState icon={IconUserCheck} title={tasks.length ? t`Nothing for you` : t`Nothing waits for an answer`} text={t`When a workflow reaches an approval step, its question stands here until someone answers it.`} />}
        {shown.length > 0 && <TaskList tasks={shown} />}
      </div>
    </>
  );
}

function TaskList({ tasks }: { tasks: readonly OpenTask[] }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul className={classes.tasks} aria-label={t`Open approvals`}>
      {tasks.map((task) => (
        <li key={task.id}>
          <UnstyledButton className={classes.head} aria-expanded={open === task.id} onClick={() => setOpen(open === task.id ? null : task.id)}>
            <IconChevronRight size={16} aria-hidden className={classes.chevron} />
            <span className={classes.title}>{task.title}</span>
            <span className={classes.fact}>{task.workflowName || t`Test run`}</span>
            <span className={classes.fact}>
              <Trans>asked <Time value={task.createdAt} /></Trans>
            </span>
          </UnstyledButton>
          {open === task.id && <OpenedTask task={task} />}
        </li>
      ))}
    </ul>
  );
}

function OpenedTask({ task }: { task: OpenTask }) {
  const link = useTenantLink();
  return (
    <div className={classes.body}>
      <TaskForm instanceID={task.instanceID} task={task} dueAt={task.dueAt} titled={false} />
      <Text size="sm" px={16} pb="md">
        <Anchor component={Link} to={link("runs", task.instanceID)} size="sm">
          <Trans>Open the run that asks</Trans>
        </Anchor>
      </Text>
    </div>
  );
}
