import { Badge, Button, Group, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { IconBolt, IconCut, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";
import type { QueryResult } from "@/lib/api/model";
import { asRows } from "@/lib/cells";
import { formatCount, formatDuration, formatNumber } from "@/lib/format";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { JsonView } from "@/ui/json-view";
import { rowsOf } from "@/ui/widget-kinds/config";
import classes from "./data-queries.module.css";
import { ExportMenu } from "./export-menu";
import { History } from "./history";
import { QueryError } from "./query-error";
import { QuickChart } from "./quick-chart";
import type { Runner } from "./run";

interface ResultPanelProps {
  runner: Runner;
  name: string;
  /** The saved query; null before the first save. */
  queryID: string | null;
}

/** What came of the last run, and of those before. */
export function ResultPanel({ runner, name, queryID }: ResultPanelProps) {
  const [tab, setTab] = useState<string | null>("result");
  const { result } = runner;
  return (
    <Tabs value={tab} onChange={setTab} className={classes.fill}>
      <Group gap="sm" wrap="nowrap" className={classes.tabs}>
        <Tabs.List flex={1}>
          <Tabs.Tab value="result">Result</Tabs.Tab>
          <Tabs.Tab value="chart">Chart</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
          {queryID && <Tabs.Tab value="history">History</Tabs.Tab>}
        </Tabs.List>
        {result && <Facts result={result} running={runner.running} />}
        {result && <ExportMenu result={result} name={name} />}
      </Group>
      {tab === "history" && queryID ? (
        <Tabs.Panel value="history" className={classes.panel} tabIndex={0}>
          <History queryID={queryID} />
        </Tabs.Panel>
      ) : (
        <Tabs.Panel value={tab ?? "result"} className={classes.panel}>
          <Outcome runner={runner}>
            {result && tab === "result" && <ResultGrid result={result} />}
            {result && tab === "chart" && <QuickChart result={result} queryID={queryID} />}
            {result && tab === "json" && (
              <div className={classes.form}>
                <JsonView value={result.data} label="The result as JSON" />
              </div>
            )}
          </Outcome>
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

/** The states before and instead of a result. */
function Outcome({ runner, children }: { runner: Runner; children: React.ReactNode }) {
  if (runner.running && !runner.result) {
    return (
      <Stack p="md" gap="md" aria-busy>
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">
            Running…
          </Text>
          <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} />} onClick={runner.cancel}>
            Cancel
          </Button>
        </Group>
        <Skeleton h={14} />
        <Skeleton h={14} w="80%" />
      </Stack>
    );
  }
  if (runner.error) {
    return (
      <div className={classes.form}>
        <QueryError error={runner.error} sql={runner.sql} onRetry={() => void runner.start()} />
      </div>
    );
  }
  if (!runner.result) {
    return (
      <Text size="sm" c="dimmed" p="md">
        Nothing has been run yet.
      </Text>
    );
  }
  return (
    <div className={classes.outcomeBody} data-stale={runner.running || undefined} aria-busy={runner.running}>
      {children}
    </div>
  );
}

function ResultGrid({ result }: { result: QueryResult }) {
  const { rows, columns } = rowsOf(result);
  if (asRows(result.data) === null) {
    return (
      <div className={classes.form}>
        <JsonView value={result.data} label="The result" />
      </div>
    );
  }
  if (columns.length === 0) {
    return (
      <Text size="sm" p="md">
        {typeof result.affectedRows === "number" ? `${formatCount(result.affectedRows, "row")} changed.` : "The query gave no rows."}
      </Text>
    );
  }
  return <DataGrid rows={rows} columns={columns} label="Result" numbered />;
}

/** "24 rows · 3 ms · from the cache". */
function Facts({ result, running }: { result: QueryResult; running: boolean }) {
  return (
    <Group gap="sm" wrap="nowrap" className={classes.facts} role="status">
      {result.truncated && (
        <Badge size="sm" variant="light" color="yellow" tt="none" fw={500} leftSection={<IconCut size={12} />} title="The row or size limit cut the rest off">
          cut off at {formatNumber(result.rowCount)}
        </Badge>
      )}
      {result.cache === "hit" && (
        <Badge size="sm" variant="default" tt="none" fw={400} leftSection={<IconBolt size={12} />}>
          cached
        </Badge>
      )}
      <Text size="xs" c="dimmed" className="tabular" style={{ whiteSpace: "nowrap" }}>
        {running ? "Running…" : [typeof result.affectedRows === "number" && !result.columns?.length ? `${formatCount(result.affectedRows, "row")} changed` : formatCount(result.rowCount, "row"), formatDuration(result.durationMs)].join(" · ")}
      </Text>
    </Group>
  );
}
