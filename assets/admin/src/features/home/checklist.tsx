import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Title } from "@mantine/core";
import { IconCircle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import type { TenantDetail } from "@/lib/api/model";
import { useUserConfig } from "@/lib/api/subjects/user-config";
import { useTenantLink } from "@/lib/tenant";
import classes from "./home.module.css";

type Counts = TenantDetail["counts"];

interface Step {
  label: string;
  path: string;
  permission: string;
  done: (counts: Counts) => boolean;
}

const steps: Step[] = [
  {
    label: t`Connect a datasource`,
    path: "datasources/new",
    permission: "datasource:create",
    done: ({ datasource }) => datasource > 0,
  },
  {
    label: t`Write a query`,
    path: "data-queries/new",
    permission: "dataquery:create",
    done: ({ dataquery }) => dataquery > 0,
  },
  {
    label: t`Create a widget`,
    path: "widgets/new",
    permission: "widget:create",
    done: ({ widget }) => widget > 0,
  },
  {
    label: t`Create a dashboard`,
    path: "dashboards/new",
    permission: "dashboard:create",
    done: ({ dashboard }) => dashboard > 0,
  },
  {
    label: t`Automate a task with a workflow`,
    path: "workflows/new",
    permission: "workflow:create",
    done: ({ workflow }) => workflow > 0,
  },
  {
    label: t`Invite a member`,
    path: "settings/members",
    permission: "member:create",
    done: ({ member }) => member > 1,
  },
];

/** The onboarding checklist of a tenant; disappears when everything is done or when it is dismissed. */
export function Checklist({ counts }: { counts: Counts }) {
  const can = useCan();
  const link = useTenantLink();
  const { config, change } = useUserConfig();
  const mine = steps.filter(({ permission }) => can(permission));
  if (!config || config.checklistHidden || mine.every(({ done }) => done(counts))) return null;
  const next = mine.find(({ done }) => !done(counts));
  return (
    <section aria-label={t`Get started`}>
      <div className={classes.heading}>
        <Title order={2} size="h3">
          <Trans>Get started</Trans>
        </Title>
        <Button component={Link} to={link("templates")} size="xs" variant="subtle" ml="auto">
          <Trans>Start from a template</Trans>
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={() => change({ checklistHidden: true })}>
          <Trans>Hide</Trans>
        </Button>
      </div>
      <div className={classes.steps}>
        {mine.map((step) => {
          const done = step.done(counts);
          const StepIcon = done ? IconCircleCheck : IconCircle;
          return (
            <Link key={step.path} to={link(step.path)} className={classes.row}>
              <StepIcon
                size={18}
                stroke={1.6}
                color={done ? "light-dark(#1b7a3d, #5fd18a)" : "var(--jet-muted)"}
                aria-label={done ? t`Done` : t`To do`}
              />
              <span className={done ? classes.done : step === next ? classes.name : undefined}>
                {step.label}
              </span>
            </Link>
          );
        })}
      </div>
    </section>
  );
}
