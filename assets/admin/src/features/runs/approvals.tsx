import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Anchor,
  Button,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconChevronRight, IconUserCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { TaskForm } from "@/domain/flow/run/task-form";
import { useCan } from "@/lib/api/me";
import type { OpenTask } from "@/lib/api/model";
import { useTasks } from "@/lib/api/subjects/tasks";
import { runName } from "@/lib/flow/run-name";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { TestMark } from "@/domain/flow/run/test-mark";
import { Time } from "@/ui/text/time";
import classes from "./approvals.module.css";

/** Lists the approvals that runs wait for, each with its form. */
export function Approvals() {
  const { data: tasks, error, refetch } = useTasks();
  const can = useCan();
  const link = useTenantLink();
  const [whose, setWhose] = useState("mine");
  const mine = tasks?.filter(({ isMine }) => isMine) ?? [];
  // A link to one approval opens it, until another is opened or closed.
  const wanted = useLocation().hash.slice(1);
  const [opened, setOpen] = useState<OpenTask | null | undefined>(undefined);
  const linked = opened === undefined ? tasks?.find(({ id }) => id === wanted) : undefined;
  if (linked) setOpen(linked);
  const open = opened ?? null;
  // An approval that is open does not disappear: it shows that it is closed.
  const isOver = open !== null && tasks !== undefined && !tasks.some(({ id }) => id === open.id);
  const listed = whose === "mine" ? mine : (tasks ?? []);
  const shown = isOver ? [open, ...listed] : listed;
  return (
    <>
      <PageHeader
        title={t`Approvals`}
        actions={
          can("audit:list") && (
            <Button component={Link} to={`${link("audit-logs")}?object=instance`} variant="default">
              <Trans>Answered approvals</Trans>
            </Button>
          )
        }
      />
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
              aria-label={t`Filter approvals`}
              value={whose}
              onChange={setWhose}
              data={[
                { value: "mine", label: t`For you (${mine.length})` },
                { value: "all", label: t`All (${tasks.length})` },
              ]}
            />
          </Group>
        )}
        {tasks && shown.length === 0 && (
          <EmptyState
            icon={IconUserCheck}
            title={tasks.length ? t`No approvals for you` : t`No pending approvals`}
            text={t`When a run reaches an approval step, its question appears here until someone answers it.`}
          />
        )}
        {shown.length > 0 && <TaskList tasks={shown} open={open} isOver={isOver} onOpen={setOpen} />}
      </div>
    </>
  );
}

interface TaskListProps {
  tasks: readonly OpenTask[];
  open: OpenTask | null;
  /** Whether the open approval no longer waits. */
  isOver: boolean;
  onOpen: (task: OpenTask | null) => void;
}

function TaskList({ tasks, open, isOver, onOpen }: TaskListProps) {
  return (
    <ul className={classes.tasks} aria-label={t`Pending approvals`}>
      {tasks.map((task) => (
        <li key={task.id}>
          <UnstyledButton
            className={classes.head}
            aria-expanded={open?.id === task.id}
            onClick={() => onOpen(open?.id === task.id ? null : task)}
          >
            <IconChevronRight size={16} aria-hidden className={classes.chevron} />
            <span className={classes.title}>{task.title}</span>
            <span className={classes.fact}>
              {task.isTest && <TestMark />}
              {runName(task)}
            </span>
            <span className={classes.fact}>
              <Trans>
                requested <Time value={task.createdAt} />
              </Trans>
            </span>
          </UnstyledButton>
          {open?.id === task.id && <OpenedTask task={task} isOver={isOver} onAnswered={() => onOpen(null)} />}
        </li>
      ))}
    </ul>
  );
}

function OpenedTask({
  task,
  isOver,
  onAnswered,
}: {
  task: OpenTask;
  isOver: boolean;
  onAnswered: () => void;
}) {
  const link = useTenantLink();
  return (
    <div className={classes.body}>
      {isOver ? (
        <Text size="sm" px={16} py="md" role="status">
          <Trans>This approval is closed: it was answered, it expired, or its run ended.</Trans>
        </Text>
      ) : (
        <TaskForm
          instanceID={task.instanceID}
          task={task}
          dueAt={task.dueAt}
          titled={false}
          onAnswered={onAnswered}
        />
      )}
      <Text size="sm" px={16} pb="md">
        <Anchor component={Link} to={link("runs", task.instanceID)} size="sm">
          <Trans>Open run</Trans>
        </Anchor>
      </Text>
    </div>
  );
}
