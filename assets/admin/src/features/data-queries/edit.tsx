import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Stack } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan, useMayTry } from "@/lib/api/me";
import type { DataQuery, DatasourceType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { unknownType } from "@/lib/api/unknown-type";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/error-panel";
import { NextStep } from "@/ui/next-step";
import { PageHeader } from "@/ui/page-header";
import { NotFound } from "@/ui/plain-page";
import { SaveState } from "@/ui/save-state";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { UnsavedGuard } from "@/ui/unsaved-guard";
import { VersionConflict } from "@/ui/version-conflict";
import { WhileThere } from "@/ui/while-there";
import classes from "./data-queries.module.css";
import { toDraft } from "./draft";
import { QueryMenu } from "./query-menu";
import { useRunner } from "./run";
import { RunAfterSaving, RunButtons } from "./run-button";
import { offersOf } from "./statement";
import { Workbench } from "./workbench";

export function EditQuery() {
  const { queryID } = useParams();
  const query = useOne("dataquery", queryID);
  const types = useDatasourceTypes();
  const error = failureOf(query, types);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error) return <ErrorPanel page error={error} onRetry={() => void Promise.all([query.refetch(), types.refetch()])} />;
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

/** Stands in until the datasource is known, and for a type that this server no longer has. */
const plainType = unknownType("");

function Editor({ query, types }: { query: DataQuery; types: DatasourceType[] }) {
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("dataquery", query, toDraft);
  const { base, draft, dirty, saving } = editor;
  const datasource = useOne("datasource", draft.datasourceID, { enabled: can("datasource:read") });
  const type = types.find((candidate) => candidate.type === datasource.data?.type) ?? plainType;
  const runner = useRunner(draft, base.id, dirty, type);
  const mayUpdate = can("dataquery:update");
  const mayTry = useMayTry("dataquery");
  const mayRun = dirty ? mayTry : can("dataquery:execute");
  const asked = (useLocation().state as { run?: boolean } | null)?.run === true;
  useRunOnLoad((base.runOnLoad || asked) && mayRun, runner.start);
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
        text={t`The query is saved. Show its data to others:`}
        action={
          can("widget:create") && (
            <Button size="xs" component={Link} to={`${link("widgets", "new")}?query=${base.id}`}>
              <Trans>Make a widget of it</Trans>
            </Button>
          )
        }
      />
      {Boolean(editor.error) && (
        <div className={classes.form}>
          <ErrorPanel error={editor.error} title={t`The changes were not saved`} />
        </div>
      )}
      {datasource.isLoading ? (
        <Skeleton m="md" h={240} w="auto" />
      ) : (
        <Workbench draft={draft} set={editor.set} errors={editor.errors} type={type} runner={runner} queryID={base.id} dirty={dirty} readOnly={!mayUpdate} mayRun={mayRun} />
      )}
      <UnsavedGuard dirty={dirty} />
      <VersionConflict editor={editor} />
    </div>
  );
}

/** Runs once, when the page has settled. */
function useRunOnLoad(wanted: boolean, start: () => Promise<void>) {
  const latest = useRef(start);
  useEffect(() => {
    latest.current = start;
  });
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => void latest.current());
    return () => clearTimeout(timer);
    // What is saved later does not run by itself.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}
