import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useCallback, useState } from "react";
import { useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { NameDialog } from "@/domain/records/name-dialog";
import { justMade } from "@/domain/records/next-step";
import { newWidgetDraft, queryIDOf, takesQuery } from "@/domain/widgets/form/config-schema";
import { runningConfig } from "@/domain/widgets/form/generated-fields";
import { useWidgetTypes } from "@/lib/api/catalog";
import { isApiError } from "@/lib/api/errors";
import type { JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useCreate, useOne } from "@/lib/api/resources";
import { isEqual } from "@/lib/schema/merge-patch";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import classes from "./widgets.module.css";
import { Workbench } from "./workbench";

export function CreateWidget() {
  const { type: name } = useParams();
  const { data: types, error, refetch } = useWidgetTypes();
  const [search] = useSearchParams();
  const runs = search.get("runs") ?? undefined;
  const running = useOne("dataquery", runs);
  const { state } = useLocation() as { state: { config?: JsonObject } | null };
  if (error && !types) return <ErrorPanel page error={error} onRetry={() => void refetch()} />;
  if (!types) return null;
  const type = types.find((candidate) => candidate.type === name);
  const queryID = search.get("query");
  if (!type) return <NotFound />;
  if (runs && running.isLoading) return null;
  const isRunning = type.category === "actions" && running.data;
  return (
    <CreateForm
      key={type.type}
      type={type}
      types={types}
      config={
        isRunning
          ? runningConfig(type.type, isRunning.id, isRunning)
          : takesQuery(type)
            ? { ...state?.config, ...(queryID ? { queryID } : {}) }
            : {}
      }
    />
  );
}

function CreateForm({
  type: firstType,
  types,
  config,
}: {
  type: WidgetType;
  types: WidgetType[];
  config: JsonObject;
}) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreate("widget");
  const [start] = useState(() => newWidgetDraft(firstType, config));
  const [draft, setDraft] = useState<WidgetDraft>(start);
  const [broken, setBroken] = useState<FieldErrors>({});
  const [naming, setNaming] = useState(false);
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const type = types.find((candidate) => candidate.type === draft.type) ?? firstType;
  const set = useCallback((change: Partial<WidgetDraft>) => setDraft((old) => ({ ...old, ...change })), []);

  const ask = () => {
    const found = validate(type.configSchema, draft.config, "config");
    setBroken(found);
    if (Object.keys(found).length === 0) setNaming(true);
  };
  useSaveShortcut(ask);
  const save = async (named: { name: string; description: string }) => {
    const { id } = await create.mutateAsync({ ...draft, ...named });
    void navigate(link("widgets", id), { replace: true, ...justMade });
  };
  return (
    <div className={classes.page}>
      <PageHeader
        title={t`New widget`}
        breadcrumb={[{ label: t`Widgets`, to: link("widgets") }]}
        state={t`Not saved yet`}
        actions={
          <Button onClick={ask}>
            <Trans>Save…</Trans>
          </Button>
        }
      />
      <Workbench
        draft={draft}
        set={set}
        errors={{ ...(isApiError(create.error) ? fieldErrors(create.error.details) : {}), ...broken }}
        type={type}
        savedID={null}
        readOnly={false}
      />
      <NameDialog
        opened={naming}
        title={t`Save widget`}
        verb={t`Save`}
        initialName={query?.name ?? ""}
        onClose={() => setNaming(false)}
        onDone={save}
      />
      <UnsavedGuard dirty={!isEqual(draft, start)} />
    </div>
  );
}
