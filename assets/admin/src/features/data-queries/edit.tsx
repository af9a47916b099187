import { t } from "@lingui/core/macro";
import { Button, Skeleton } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { NextStep } from "@/domain/records/next-step";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { useCan, useMayTry } from "@/lib/api/me";
import type { DataQuery, DataQueryDraft, DatasourceType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { unknownType } from "@/lib/api/unknown-type";
import { useTenantLink } from "@/lib/tenant";
import classes from "./data-queries.module.css";
import { queryDraftOf } from "./draft";
import { useRunner, type Runner } from "./run";
import { RunAfterSaving, RunButtons } from "./run-button";
import { effectOf, offersOf } from "./source/statement";
import { Workbench } from "./workbench";

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
  const datasource = useOne("datasource", draft.datasourceID, { enabled: can("datasource:read") });
  const type = types.find((candidate) => candidate.type === datasource.data?.type) ?? plainType;
  const runner = useRunner(draft, base.id, dirty, type);
  const mayUpdate = can("dataquery:update");
  const mayTry = useMayTry("dataquery");
  const mayRun = dirty ? mayTry : can("dataquery:execute");
  const writes = effectOf(type, draft) === "writes";
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
        <RecordMenu
          kind="dataquery"
          record={base}
          own={
            can("widget:create")
              ? [{ label: t`Create widget`, icon: <IconChartBar size={16} />, to: newWidget }]
              : []
          }
        />
      }
      primary={
        mayRun ? (
          <RunButtons runner={runner} offers={offersOf(type, draft)} />
        ) : (
          can("dataquery:execute") && <RunAfterSaving />
        )
      }
      notice={
        <NextStep
          text={writes ? t`Query saved. Next, let a form run it.` : t`Query saved. Next, create a widget.`}
          action={
            can("widget:create") && (
              <Button size="xs" component={Link} to={writes ? link("widgets", "new", "form") : newWidget}>
                {writes ? t`Create form` : t`Create widget`}
              </Button>
            )
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
  const effect = effectOf(type ?? plainType, draft);
  const plain =
    effect === "reads" &&
    draft.parameters.every(
      ({ required, default: standard }) => !required || (standard !== null && standard !== undefined),
    );
  const byItself = asked ? plain : query.runOnLoad && effect !== "writes";
  useRunOnLoad(type !== null, byItself && mayRun && !runner.result, runner.start);
  if (!asking || !type || !mayRun || plain) return null;
  return (
    <AskBeforeRunning
      name={query.name}
      effect={effect}
      draft={draft}
      runner={runner}
      preview={offersOf(type, draft).preview}
      onClose={() => setAsking(false)}
    />
  );
}

interface AskBeforeRunningProps {
  name: string;
  effect: ReturnType<typeof effectOf>;
  draft: DataQueryDraft;
  runner: Runner;
  preview: boolean;
  onClose: () => void;
}

/**
 * Confirms a query that was found by its name before it runs: asks for its values, and says whether it may change data.
 */
function AskBeforeRunning({ name, effect, draft, runner, preview, onClose }: AskBeforeRunningProps) {
  const about = { reads: "", writes: t`This query changes data.`, unknown: t`This query may change data.` }[
    effect
  ];
  return (
    <RunDialog
      title={t`Run ${name}?`}
      verb={t`Run`}
      inputs={draft.parameters}
      about={about}
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

/** Runs once, after the first render. What is saved later does not run automatically. */
function useRunOnLoad(ready: boolean, wanted: boolean, start: () => Promise<void>) {
  const latest = useRef(start);
  useEffect(() => {
    latest.current = start;
  });
  useEffect(() => {
    if (!ready || !wanted) return;
    const timer = setTimeout(() => void latest.current());
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ready]);
}
