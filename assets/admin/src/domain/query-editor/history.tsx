import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Stack, Switch, Table, Text, UnstyledButton } from "@mantine/core";
import {
  IconAlertCircle,
  IconBolt,
  IconChevronDown,
  IconChevronRight,
  IconCircleCheck,
} from "@tabler/icons-react";
import { useState } from "react";
import type { QueryRun } from "@/lib/api/model";
import { useQueryRuns } from "@/lib/api/subjects/data-queries";
import { formatDuration, formatNumber } from "@/lib/format/format";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import classes from "./data-queries.module.css";

const modes: Record<QueryRun["mode"], string> = {
  run: t`Run`,
  preview: t`Preview`,
  explain: t`Explain`,
  export: t`Export`,
};

/** Lists who executed the saved query, when, and with what result. */
export function History({ queryID }: { queryID: string }) {
  const runs = useQueryRuns(queryID);
  const [failedOnly, setFailedOnly] = useState(false);
  if (runs.error)
    return (
      <ErrorPanel
        error={runs.error}
        title={t`Could not load the history`}
        onRetry={() => void runs.refetch()}
      />
    );
  if (!runs.data) {
    return (
      <Stack gap="sm" p="md">
        <Skeleton h={14} />
        <Skeleton h={14} />
        <Skeleton h={14} />
      </Stack>
    );
  }
  if (runs.data.items.length === 0) return <Nothing text={t`This query has not been run yet.`} />;
  const shown = failedOnly ? runs.data.items.filter(({ error }) => error) : runs.data.items;
  return (
    <>
      <Switch
        size="xs"
        label={t`Failed only`}
        className={classes.historyFilter}
        checked={failedOnly}
        onChange={(event) => setFailedOnly(event.currentTarget.checked)}
      />
      {shown.length === 0 ? (
        <Nothing text={t`None of the recent executions failed.`} />
      ) : (
        <Lines runs={shown} />
      )}
    </>
  );
}

function Nothing({ text }: { text: string }) {
  return (
    <Text size="sm" c="dimmed" p="md">
      {text}
    </Text>
  );
}

function Lines({ runs }: { runs: QueryRun[] }) {
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table className={classes.history} horizontalSpacing="md" aria-label={t`Query history`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Time</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Run by</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Type</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Duration</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Rows</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Status</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Line key={run.id} run={run} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Line({ run }: { run: QueryRun }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Time value={run.at} />
      </Table.Td>
      <Table.Td>{run.actor}</Table.Td>
      <Table.Td>
        {modes[run.mode] ?? run.mode}
        <Text span size="xs" c="dimmed">
          {" "}
          v{run.queryVersion}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{formatDuration(run.durationMs)}</Table.Td>
      <Table.Td ta="right">
        {run.rowCount === null || run.rowCount === undefined ? "–" : formatNumber(run.rowCount)}
      </Table.Td>
      <Table.Td w="40%">
        {run.error ? <Failure message={run.error} /> : <Success cached={run.cache === "hit"} />}
      </Table.Td>
    </Table.Tr>
  );
}

function Success({ cached }: { cached: boolean }) {
  const Mark = cached ? IconBolt : IconCircleCheck;
  return (
    <span className={classes.verdict}>
      <Mark size={15} aria-hidden />
      {cached ? t`from cache` : t`completed`}
    </span>
  );
}

/** Shows one line of an error, and all of it on demand. */
function Failure({ message }: { message: string }) {
  const [open, setOpen] = useState(false);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <UnstyledButton
      className={classes.verdict}
      data-failed
      data-open={open || undefined}
      aria-expanded={open}
      onClick={() => setOpen(!open)}
    >
      <Chevron size={14} aria-hidden />
      <IconAlertCircle size={15} aria-hidden />
      <span className={classes.verdictText}>{message}</span>
    </UnstyledButton>
  );
}
