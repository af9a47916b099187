import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Stack } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import { NextStep } from "@/domain/records/next-step";
import { SaveState } from "@/domain/records/save-state";
import { VersionConflict } from "@/domain/records/version-conflict";
import { WhileThere } from "@/domain/records/while-there";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan, useMayTry } from "@/lib/api/me";
import type { DataQuery, DataQueryDraft, DatasourceType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { unknownType } from "@/lib/api/unknown-type";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import classes from "./data-queries.module.css";
import { queryDraftOf } from "./draft";
import { QueryMenu } from "./query-menu";
import { useRunner, type Runner } from "./run";
import { RunAfterSaving, RunButtons } from "./run-button";
import { effectOf, offersOf } from "./source/statement";
import { Workbench } from "./workbench";

export function EditQuery() {
  const { queryID } = useParams();
  const query = useOne("dataquery", queryID);
  const types = useDatasourceTypes();
  const error = failureOf(query, types);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error)
    return (
      <ErrorPanel page error={error} onRetry={() => void Promise.all([query.refetch(), types.refetch()])} />
    );
  if (!query.data || !types.data) {
    return (
      <Stack p="xl">
        <Skeleton h={28} w={220} />
        <Skeleton h={240} />
        <Skeleton h={120} />
      </Stack>
    );
  }
  return (
    <WhileThere error={query.error}>
      <Editor key={query.data.id} query={query.data} types={types.data} />
    </WhileThere>
  );
}

/** Used until the datasource has loaded, and for a type that this server no longer has. */
const plainType = unknownType("");

function Editor({ query, types }: { query: DataQuery; types: DatasourceType[] }) {
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("dataquery", query, queryDraftOf);
  const { base, draft, dirty, saving } = editor;
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
  useSaveShortcut(() => dirty && !saving && void editor.save(), mayUpdate);

  return (
    <div className={classes.page}>
      <PageHeader
        title={draft.name}
        breadcrumb={[{ label: t`Queries`, to: link("data-queries") }]}
        {...(mayUpdate ? { onRename: (name: string) => editor.set({ name }) } : {})}
        state={<SaveState dirty={dirty} saving={saving} savedAt={base.updatedAt} version={base.version} />}
        actions={
          <>
            <QueryMenu query={base} />
            {mayUpdate && (
              <Button variant="default" loading={saving} disabled={!dirty} onClick={() => void editor.save()}>
                <Trans>Save</Trans>
              </Button>
            )}
            {mayRun && <RunButtons runner={runner} offers={offersOf(type, draft)} />}
            {!mayRun && can("dataquery:execute") && <RunAfterSaving />}
          </>
        }
      />
      <NextStep
        text={writes ? t`Query saved. Next, let a form run it.` : t`Query saved. Next, create a widget.`}
        action={
          can("widget:create") && (
            <Button
              size="xs"
              component={Link}
              to={writes ? link("widgets", "new", "form") : `${link("widgets", "new")}?query=${base.id}`}
            >
              {writes ? t`Create form` : t`Create widget`}
            </Button>
          )
        }
      />
      {Boolean(editor.error) && (
        <div className={classes.form}>
          <ErrorPanel error={editor.error} title={t`Could not save the changes`} />
        </div>
      )}
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
      <UnsavedGuard dirty={dirty} onSave={mayUpdate ? () => editor.save() : undefined} />
      <VersionConflict editor={editor} />
    </div>
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
