import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { IconUserCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { TestMark } from "@/domain/flow/run/test-mark";
import { useTasks } from "@/lib/api/subjects/tasks";
import { runName } from "@/lib/flow/run-name";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import classes from "./home.module.css";
import { Section } from "./section";

const MOST = 5;

/** Approvals for the caller; renders nothing if there are none. */
export function Waiting() {
  const link = useTenantLink();
  const { data } = useTasks();
  const mine = data?.filter(({ isMine }) => isMine) ?? [];
  if (mine.length === 0) return null;
  return (
    <Section
      title={t`Waiting for you`}
      empty=""
      aside={
        <Anchor component={Link} to={link("approvals")} size="sm" c="dimmed" aria-label={t`All approvals`}>
          <Trans>All</Trans>
        </Anchor>
      }
      rows={mine.slice(0, MOST).map((task) => (
        <Link key={task.id} to={`${link("approvals")}#${task.id}`} className={classes.row}>
          <IconUserCheck size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
          <span className={classes.name}>{task.title}</span>
          <span className={classes.muted}>
            {task.isTest && <TestMark />}
            {runName(task)}
          </span>
          <span className={classes.muted}>
            <Time value={task.createdAt} />
          </span>
        </Link>
      ))}
    />
  );
}
