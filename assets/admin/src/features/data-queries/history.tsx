import { Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck } from "@tabler/icons-react";
import { useQueryRuns } from "@/lib/api/data-queries";
import type { QueryRun } from "@/lib/api/model";
import { formatDuration, formatNumber } from "@/lib/format";
import { ErrorPanel } from "@/ui/error-panel";
import { Time } from "@/ui/time";
import classes from "./data-queries.module.css";

/** Who ran the saved query, when, and what came of it. */
export function History({ queryID }: { queryID: string }) {
  const runs = useQueryRuns(queryID);
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
  if (runs.data.items.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="md">
        It has not been run yet.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table className={classes.history} horizontalSpacing="md" aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
            <Table.Th ta="right">Rows</Table.Th>
            <Table.Th>Outcome</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.data.items.map((run) => (
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
      <Table.Td ta="right">{formatDuration(run.durationMs)}</Table.Td>
      <Table.Td ta="right">{run.rowCount === null || run.rowCount === undefined ? "–" : formatNumber(run.rowCount)}</Table.Td>
      <Table.Td>
        <span className={classes.outcome} data-failed={Boolean(run.error) || undefined}>
          {run.error ? <IconAlertCircle size={15} aria-hidden /> : <IconCircleCheck size={15} aria-hidden />}
          {run.error ?? (run.cache === "hit" ? "from the cache" : "completed")}
        </span>
      </Table.Td>
    </Table.Tr>
  );
}
