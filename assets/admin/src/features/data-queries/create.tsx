import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { NameDialog } from "@/domain/records/name-dialog";
import { justMade } from "@/domain/records/next-step";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { DatasourceType } from "@/lib/api/model";
import { useCreate, useOne } from "@/lib/api/resources";
import { isEqual } from "@/lib/schema/merge-patch";
import { fieldErrors } from "@/lib/schema/paths";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { ChooseDatasource } from "./choose-datasource";
import classes from "@/domain/query-editor/data-queries.module.css";
import { newQueryDraft, speaksSql } from "@/domain/query-editor/draft";
import { useRunner } from "@/domain/query-editor/run";
import { RunButtons } from "@/domain/query-editor/run-button";
import { offersOf } from "@/domain/query-editor/source/statement";
import { Workbench } from "@/domain/query-editor/workbench";

/** Selects the datasource first: it decides what the query editor looks like. */
export function CreateQuery() {
  const [search] = useSearchParams();
  const chosen = search.get("datasource") ?? undefined;
  const datasource = useOne("datasource", chosen);
  const types = useDatasourceTypes();
  const error = failureOf(datasource, types);
  if (!chosen) return <ChooseDatasource />;
  if (error)
    return (
      <ErrorPanel
        page
        error={error}
        onRetry={() => void Promise.all([datasource.refetch(), types.refetch()])}
      />
    );
  const type = types.data?.find((candidate) => candidate.type === datasource.data?.type);
  if (!datasource.data || !types.data) return null;
  if (!type)
    return (
      <ErrorPanel
        page
        error={new Error(t`This server does not support the datasource type “${datasource.data.type}”.`)}
      />
    );
  return <CreateForm key={chosen} datasourceID={chosen} type={type} />;
}

function CreateForm({ datasourceID, type: firstType }: { datasourceID: string; type: DatasourceType }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const create = useCreate("dataquery");
  const { sql: given, run: isToRun } = (useLocation().state ?? {}) as { sql?: unknown; run?: boolean };
  const [start] = useState(() => {
    const empty = newQueryDraft(datasourceID, firstType);
    return typeof given === "string" && speaksSql(firstType)
      ? { ...empty, options: { ...empty.options, sql: given } }
      : empty;
  });
  const [draft, setDraft] = useState(start);
  const [naming, setNaming] = useState(false);
  const datasource = useOne("datasource", draft.datasourceID).data;
  const type =
    useDatasourceTypes().data?.find((candidate) => candidate.type === datasource?.type) ?? firstType;
  const runner = useRunner(draft, null, true, type);
  const mayRun = can("dataquery:execute");
  useSaveShortcut(() => setNaming(true));
  useEffect(() => {
    if (isToRun && mayRun) void runner.load();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const save = async (named: { name: string; description: string }) => {
    const { id } = await create.mutateAsync({ ...draft, ...named });
    runner.handOver(id);
    void navigate(link("data-queries", id), { replace: true, ...justMade });
  };
  return (
    <div className={classes.page}>
      <PageHeader
        title={t`New query`}
        breadcrumb={[{ label: t`Queries`, to: link("data-queries") }]}
        state={t`Not saved yet`}
        actions={
          <>
            <Button variant="default" onClick={() => setNaming(true)}>
              <Trans>Save…</Trans>
            </Button>
            {mayRun && <RunButtons runner={runner} offers={offersOf(type, runner.effect)} />}
          </>
        }
      />
      <Workbench
        draft={draft}
        set={(change) => setDraft((old) => ({ ...old, ...change }))}
        errors={isApiError(create.error) ? fieldErrors(create.error.details) : {}}
        type={type}
        runner={runner}
        queryID={null}
        dirty
        readOnly={false}
        mayRun={mayRun}
      />
      <NameDialog
        opened={naming}
        title={t`Save query`}
        verb={t`Save`}
        onClose={() => setNaming(false)}
        onDone={save}
      />
      <UnsavedGuard dirty={!isEqual(draft, start)} />
    </div>
  );
}
