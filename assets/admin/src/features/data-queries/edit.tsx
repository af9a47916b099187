import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Skeleton } from "@mantine/core";
import { IconChartBar, IconForms, IconHandClick } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import { ChangesData } from "@/domain/records/changes-data";
import { useMoveToLibrary } from "@/domain/records/menu/move-to-library";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { NextStep } from "@/domain/records/next-step";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { useCan, useMayTry } from "@/lib/api/me";
import type { DataQuery, DataQueryDraft, DatasourceType, QueryColumn } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { unknownType } from "@/lib/api/unknown-type";
import { useLatest } from "@/lib/stable";
import { useTenantLink } from "@/lib/tenant";
import classes from "@/domain/query-editor/data-queries.module.css";
import { queryDraftOf } from "@/domain/query-editor/draft";
import { chartOf } from "@/domain/query-editor/results/quick-chart";
import { useRunner, type Runner } from "@/domain/query-editor/run";
import { RunAfterSaving, RunButtons } from "@/domain/query-editor/run-button";
import { offersOf } from "@/domain/query-editor/source/statement";
import { Workbench } from "@/domain/query-editor/workbench";

export function EditQuery() {
  return (
    <RecordPage kind="dataquery" id={useParams().queryID} needs={useDatasourceTypes()}>
      {(query, types) => <Editor query={query} types={types} />}
    </RecordPage>
  );
}

/** Used until the datasource has loaded, and for a type that this server no longer has. */
const plainType = unknownType("");

function Editor({ query, types }: { query: DataQuery; types: DatasourceType[] }) {
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("dataquery", query, queryDraftOf);
  const { base, draft, dirty } = editor;
  const newWidget = `${link("widgets", "new")}?query=${base.id}`;
  const usedIn = (type: string) => `${link("widgets", "new", type)}?runs=${base.id}`;
  const datasource = useOne("datasource", draft.datasourceID, { enabled: can("datasource:read") });
  const type = types.find((candidate) => candidate.type === datasource.data?.type) ?? plainType;
  const runner = useRunner(draft, base.id, dirty, type);
  const moveToLibrary = useMoveToLibrary("dataquery");
  const mayUpdate = can("dataquery:update");
  const mayTry = useMayTry("dataquery");
  const mayRun = dirty ? mayTry : can("dataquery:execute");
  const writes = runner.effect?.changesData ?? base.changesData;
  const uses = writes
    ? [
        { label: t`Use in a form`, icon: <IconForms size={16} />, to: usedIn("form") },
        { label: t`Use in a button`, icon: <IconHandClick size={16} />, to: usedIn("button") },
      ]
    : [{ label: t`Create widget`, icon: <IconChartBar size={16} />, to: newWidget }];
  const question = useFirstRun({
    query: base,
    draft,
    type: datasource.isLoading ? null : type,
    runner,
    mayRun,
  });
  return (
    <EditorPage
      kind="dataquery"
      editor={editor}
      mayUpdate={mayUpdate}
      className={classes.page}
      actions={
        <>
          {writes && <ChangesData focusable />}
          <RecordMenu
            kind="dataquery"
            record={base}
            own={[...(can("widget:create") && !base.dashboardID ? uses : []), ...moveToLibrary(base)]}
          />
        </>
      }
      primary={
        mayRun ? (
          <RunButtons runner={runner} offers={offersOf(type, runner.effect)} />
        ) : (
          can("dataquery:execute") && <RunAfterSaving />
        )
      }
      notice={
        <NextStep
          text={
            writes
              ? t`Query saved. Next, use it in a form or a button.`
              : t`Query saved. Next, create a widget.`
          }
          action={
            can("widget:create") &&
            (writes ? (
              <UseWriter queryID={base.id} />
            ) : (
              <ShowData queryID={base.id} declared={draft.columns} runner={runner} />
            ))
          }
        />
      }
    >
      {datasource.isLoading ? (
        <Skeleton m="md" h={240} w="auto" />
      ) : (
        <Workbench
          draft={draft}
          set={editor.set}
          errors={editor.errors}
          type={type}
          runner={runner}
          queryID={base.id}
          dirty={dirty}
          readOnly={!mayUpdate}
          mayRun={mayRun}
        />
      )}
      {question}
    </EditorPage>
  );
}

interface ShowDataProps {
  queryID: string;
  declared: readonly QueryColumn[];
  runner: Pick<Runner, "result" | "chart" | "tab">;
}

/** Leads to a widget with the data: to the chart that was chosen or is shown in the editor, or to all types. */
export function ShowData({ queryID, declared, runner: { result, chart, tab } }: ShowDataProps) {
  const link = useTenantLink();
  const chosen = result && (chart.shape || tab === "chart") ? chartOf(result, declared, chart) : null;
  const page = chosen ? link("widgets", "new", chosen.type) : link("widgets", "new");
  return (
    <Button
      size="xs"
      component={Link}
      to={`${page}?query=${queryID}`}
      {...(chosen ? { state: { config: chosen.config } } : {})}
    >
      <Trans>Create widget</Trans>
    </Button>
  );
}

/** What a query is for that changes data. */
function UseWriter({ queryID }: { queryID: string }) {
  const link = useTenantLink();
  const to = (type: string) => `${link("widgets", "new", type)}?runs=${queryID}`;
  return (
    <Group gap="xs">
      <Button size="xs" component={Link} to={to("form")}>
        <Trans>Create form</Trans>
      </Button>
      <Button size="xs" variant="default" component={Link} to={to("button")}>
        <Trans>Create button</Trans>
      </Button>
    </Group>
  );
}

interface FirstRun {
  query: DataQuery;
  draft: DataQueryDraft;
  /** Null while it is loading. */
  type: DatasourceType | null;
  runner: Runner;
  mayRun: boolean;
}

/**
 * Runs a query that runs on load, or that was opened to be run, and returns the confirmation that it needs first.
 * Opening a page is not consent to a change, and someone who finds a query by its name has not seen what it does.
 */
function useFirstRun({ query, draft, type, runner, mayRun }: FirstRun): React.ReactNode {
  const asked = (useLocation().state as { ask?: boolean } | null)?.ask === true;
  const [asking, setAsking] = useState(asked);
  const writes = query.changesData;
  const plain =
    !writes &&
    draft.parameters.every(
      ({ required, default: standard }) => !required || (standard !== null && standard !== undefined),
    );
  const byItself = asked ? plain : query.runOnLoad && !writes;
  useRunOnLoad(type !== null && mayRun, byItself && !runner.result, runner.load);
  if (!asking || !type || !mayRun || plain) return null;
  return (
    <AskBeforeRunning
      name={query.name}
      writes={writes}
      draft={draft}
      runner={runner}
      preview={writes && type.capabilities.preview}
      onClose={() => setAsking(false)}
    />
  );
}

interface AskBeforeRunningProps {
  name: string;
  writes: boolean;
  draft: DataQueryDraft;
  runner: Runner;
  preview: boolean;
  onClose: () => void;
}

/**
 * Confirms a query that was found by its name before it runs: asks for its values, and says whether it changes data.
 */
function AskBeforeRunning({ name, writes, draft, runner, preview, onClose }: AskBeforeRunningProps) {
  return (
    <RunDialog
      title={t`Run ${name}?`}
      verb={t`Run`}
      inputs={draft.parameters}
      about={writes ? t`This query changes data.` : ""}
      {...(preview
        ? { preview: { label: t`Preview changes`, run: (given) => void runner.startWith("preview", given) } }
        : {})}
      onClose={onClose}
      onRun={(given) => {
        void runner.startWith("run", given);
        return Promise.resolve();
      }}
    />
  );
}

/** Runs once, as soon as that is possible. What is saved later does not run automatically. */
function useRunOnLoad(ready: boolean, wanted: boolean, start: () => Promise<void>) {
  const latest = useLatest(start);
  const decided = useRef(false);
  useEffect(() => {
    if (!ready || decided.current) return;
    if (!wanted) {
      decided.current = true;
      return;
    }
    const timer = setTimeout(() => {
      decided.current = true;
      void latest.current();
    });
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ready]);
}
