import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconExternalLink, IconPlayerStop, IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import { RunDuration } from "@/domain/flow/run/run-duration";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import type { Run } from "@/lib/api/model";
import { useStopRun } from "@/lib/api/subjects/runs";
import { isFinal } from "@/lib/flow/run-state";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import classes from "../workflows.module.css";

export type PanelTab = "problems" | "run" | null;

interface PanelBarProps {
  tab: PanelTab;
  onTab: (tab: PanelTab) => void;
  errors: number;
  warnings: number;
  /** The fields of new steps that are still to be filled in. */
  hints: number;
  /** Something has changed since the last check. */
  stale: boolean;
  run: Run | undefined;
  lost: boolean;
  onForgetRun: () => void;
}

/** The bar at the bottom of the editor: problems, and the current run. */
export function PanelBar({
  tab,
  onTab,
  errors,
  warnings,
  hints,
  stale,
  run,
  lost,
  onForgetRun,
}: PanelBarProps) {
  const toggle = (wanted: "problems" | "run") => onTab(tab === wanted ? null : wanted);
  const Chevron = tab === null ? IconChevronUp : IconChevronDown;
  const found = [
    errors ? plural(errors, { one: "# error", other: "# errors" }) : "",
    warnings ? plural(warnings, { one: "# warning", other: "# warnings" }) : "",
    hints ? plural(hints, { one: "# field to fill in", other: "# fields to fill in" }) : "",
  ]
    .filter(Boolean)
    .join(", ");
  return (
    <div className={classes.bar}>
      <UnstyledButton
        className={classes.barTab}
        aria-expanded={tab === "problems"}
        data-wrong={errors > 0 || undefined}
        onClick={() => toggle("problems")}
      >
        {found || (stale ? t`Changed since the last check` : t`No problems`)}
      </UnstyledButton>
      {run && (
        <UnstyledButton
          className={classes.barTab}
          aria-expanded={tab === "run"}
          onClick={() => toggle("run")}
        >
          <span>{run.isTest ? t`Test run` : t`Workflow run`}</span>
          <StatusBadge status={run.status} />
          <Text span size="sm" c="dimmed">
            <RunDuration run={run} />
          </Text>
        </UnstyledButton>
      )}
      {lost && (
        <Text size="sm" c="dimmed" role="status">
          <Trans>Connection lost, reconnecting…</Trans>
        </Text>
      )}
      <Group gap={2} ml="auto" wrap="nowrap">
        {run && <RunTools run={run} onForget={onForgetRun} />}
        <ActionIcon
          aria-label={tab === null ? t`Open panel` : t`Close panel`}
          onClick={() => onTab(tab === null ? (run ? "run" : "problems") : null)}
        >
          <Chevron size={16} />
        </ActionIcon>
      </Group>
    </div>
  );
}

function RunTools({ run, onForget }: { run: Run; onForget: () => void }) {
  const link = useTenantLink();
  const stop = useStopRun();
  return (
    <>
      {!isFinal(run.status) && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          leftSection={<IconPlayerStop size={14} />}
          loading={stop.isPending}
          onClick={() => stop.mutate(run.id, { onError: (error) => notify.failed(error) })}
        >
          <Trans>Stop</Trans>
        </Button>
      )}
      <Tooltip label={t`Open run`}>
        <ActionIcon component={Link} to={link("runs", run.id)} aria-label={t`Open run`}>
          <IconExternalLink size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t`Close run`}>
        <ActionIcon aria-label={t`Close run`} onClick={onForget}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
