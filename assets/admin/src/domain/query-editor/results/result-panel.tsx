import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import type { DataQueryDraft } from "@/lib/api/model";
import type { EditorControls } from "@/ui/code-editor/editor";
import { JsonView } from "@/ui/text/json-view";
import classes from "../data-queries.module.css";
import { isOutdated, keptValues } from "../draft";
import { History } from "../history";
import { PlanView } from "../plan/plan-view";
import type { ResultTab, Runner } from "../run";
import type { Comparison } from "./comparison";
import { ComparisonView } from "./comparison-view";
import { ExportMenu } from "./export-menu";
import { QueryError } from "./query-error";
import { QuickChart } from "./quick-chart";
import { ChangeNotice, Facts } from "./result-facts";
import { ResultGrid } from "./result-grid";
import { ResultPages } from "./result-pages";

interface ResultPanelProps {
  runner: Runner;
  draft: DataQueryDraft;
  /** The saved query; null before the first save. */
  queryID: string | null;
  dirty: boolean;
  comparison: Comparison;
  editor: React.RefObject<EditorControls | null>;
}

/** Shows the result of the last run, and the history. */
export function ResultPanel({ runner, draft, queryID, dirty, comparison, editor }: ResultPanelProps) {
  const transforms = Boolean(draft.transformer?.trim());
  const tab =
    (runner.tab === "transform" && !transforms) || (runner.tab === "history" && !queryID)
      ? "result"
      : runner.tab;
  const explained = runner.asked?.mode === "explain";
  return (
    <Tabs value={tab} onChange={(next) => next && runner.setTab(next as ResultTab)} className={classes.fill}>
      <Group gap="sm" wrap="nowrap" className={`${classes.tabs} ${classes.resultTabs}`}>
        <Tabs.List flex={1} className={classes.tabList}>
          <Tabs.Tab value="result">{explained ? t`Plan` : t`Result`}</Tabs.Tab>
          <Tabs.Tab value="chart">
            <Trans>Chart</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="json">
            <Trans>JSON</Trans>
          </Tabs.Tab>
          {transforms && (
            <Tabs.Tab value="transform">
              <Trans>Transform</Trans>
            </Tabs.Tab>
          )}
          {queryID && (
            <Tabs.Tab value="history">
              <Trans>Executions</Trans>
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Facts runner={runner} isOutdated={isOutdated(runner, draft)} />
        {(runner.result || queryID) && (
          <ExportMenu runner={runner} draft={draft} queryID={queryID} dirty={dirty} />
        )}
      </Group>
      <Tabs.Panel value={tab} className={classes.panel} {...(tab === "history" ? { tabIndex: 0 } : {})}>
        {tab === "history" && queryID && <History queryID={queryID} />}
        {tab === "transform" && (
          <ComparisonView comparison={comparison} changesData={runner.effect?.changesData === true} />
        )}
        {tab !== "history" && tab !== "transform" && (
          <Outcome
            runner={runner}
            tab={tab}
            queryID={queryID}
            draft={draft}
            onGoTo={(index) => editor.current?.goTo(index)}
          />
        )}
      </Tabs.Panel>
    </Tabs>
  );
}

interface OutcomeProps {
  runner: Runner;
  tab: ResultTab;
  queryID: string | null;
  draft: DataQueryDraft;
  onGoTo: (index: number) => void;
}

/** Shows the result, or the states before and instead of it. */
function Outcome({ runner, tab, queryID, draft, onGoTo }: OutcomeProps) {
  const { result, error, running, cancelled } = runner;
  if (running && !result) return <Waiting />;
  if (error) {
    return (
      <div className={classes.form} data-stale={running || undefined}>
        <QueryError error={error} sql={runner.sql} onRetry={() => void runner.start()} onGoTo={onGoTo} />
      </div>
    );
  }
  if (!result) {
    return (
      <Text size="sm" c="dimmed" p="md" role="status">
        {cancelled ? t`Query cancelled.` : t`Run the query to see its result.`}
      </Text>
    );
  }
  return (
    <div className={classes.outcome} data-stale={running || undefined} aria-busy={running}>
      {cancelled && (
        <div className={classes.notice} data-tone="cut" role="status">
          <IconBan size={16} aria-hidden />
          <span>
            <Trans>Query cancelled. Showing the previous result.</Trans>
          </span>
        </div>
      )}
      <ChangeNotice runner={runner} />
      <div className={classes.outcomeBody}>
        {tab === "result" &&
          (runner.asked?.mode === "explain" ? (
            <PlanView result={result} />
          ) : (
            <ResultGrid
              result={result}
              declared={draft.columns}
              offset={runner.asked?.offset ?? 0}
              previewed={runner.asked?.mode === "preview"}
            />
          ))}
        {tab === "chart" &&
          (runner.asked?.mode === "explain" ? (
            <Text size="sm" c="dimmed" p="md">
              <Trans>A plan has no chart. Run the query to see the chart of its result.</Trans>
            </Text>
          ) : (
            <QuickChart
              result={result}
              declared={draft.columns}
              queryID={queryID}
              kept={keptValues(draft.parameters, runner.asked?.parameters ?? {})}
              choice={runner.chart}
              onChoice={runner.setChart}
            />
          ))}
        {tab === "json" && (
          <div className={classes.form}>
            <JsonView value={result.data} label={t`Result as JSON`} />
          </div>
        )}
      </div>
      <ResultPages runner={runner} />
    </div>
  );
}

function Waiting() {
  return (
    <Stack p="md" gap="md" aria-busy>
      <Skeleton h={14} />
      <Skeleton h={14} w="80%" />
      <Skeleton h={14} w="60%" />
    </Stack>
  );
}
