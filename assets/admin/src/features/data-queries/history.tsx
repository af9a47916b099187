import { Skeleton, Stack, Switch, Table, Text, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconBolt, IconChevronDown, IconChevronRight, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useQueryRuns } from "@/lib/api/data-queries";
import type { QueryRun } from "@/lib/api/model";
import { formatDuration, formatNumber } from "@/lib/format";
import { ErrorPanel } from "@/ui/error-panel";
import { Time } from "@/ui/time";
import classes from "./data-queries.module.css";

const modes: Record<QueryRun["mode"], string> = { run: "Run", preview: "Preview", explain: "Explain", export: "Export" };

/** Who ran the saved query, when, and what came of it. */
export function History({ queryID }: { queryID: string }) {
  const runs = useQueryRuns(queryID);
  const [failedOnly, setFailedOnly] = useState(false);
  if (runs.error) return <ErrorPanel error={runs.error} title="The history could not be read" onRetry={() => void runs.refetch()} />;
  if (!runs.data) {
    return (
      <Stack gap="sm" p="md">
        <Skeleton h={14} />
        <Skeleton h={14} />
        <Skeleton h={14} />
      </Stack>
    );
  }
  if (runs.data.items.length === 0) return <Nothing text="It has not been run yet." />;
  const shown = failedOnly ? runs.data.items.filter(({ error }) => error) : runs.data.items;
  return (
    <>
      <Switch size="xs" label="Failed only" className={classes.historyFilter} checked={failedOnly} onChange={(event) => setFailedOnly(event.currentTarget.checked)} />
      {shown.length === 0 ? <Nothing text="None of the last runs failed." /> : <Lines runs={shown} />}
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
      <Table className={classes.history} horizontalSpacing="md" aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
            <Table.Th ta="right">Rows</Table.Th>
            <Table.Th>Outcome</Table.Th>
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
      <Table.Td ta="right">{run.rowCount === null || run.rowCount === undefined ? "–" : formatNumber(run.rowCount)}</Table.Td>
      <Table.Td w="40%">{run.error ? <Failure message={run.error} /> : <Success cached={run.cache === "hit"} />}</Table.Td>
    </Table.Tr>
  );
}

function Success({ cached }: { cached: boolean }) {
  const Mark = cached ? IconBolt : IconCircleCheck;
  return (
    <span className={classes.verdict}>
      <Mark size={15} aria-hidden />
      {cached ? "from the cache" : "completed"}
    </span>
  );
}

/** One line of what went wrong, and all of it on demand. */
function Failure({ message }: { message: string }) {
  const [open, setOpen] = useState(false);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <UnstyledButton className={classes.verdict} data-failed data-open={open || undefined} aria-expanded={open} onClick={() => setOpen(!open)}>
      <Chevron size={14} aria-hidden />
      <IconAlertCircle size={15} aria-hidden />
      <span className={classes.verdictText}>{message}</span>
    </UnstyledButton>
  );
}
