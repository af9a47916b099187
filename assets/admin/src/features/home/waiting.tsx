import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { IconUserCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { useTasks } from "@/lib/api/subjects/tasks";
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
      rows={mine.slice(0, MOST).map(({ id, title, workflowName, createdAt }) => (
        <Link key={id} to={`${link("approvals")}#${id}`} className={classes.row}>
          <IconUserCheck size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
          <span className={classes.name}>{title}</span>
          <span className={classes.muted}>{workflowName}</span>
          <span className={classes.muted}>
            <Time value={createdAt} />
          </span>
        </Link>
      ))}
    />
  );
}
