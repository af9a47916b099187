import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { IconCopy, IconDots, IconFileSearch, IconLayoutDashboard, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { NextStep } from "@/domain/records/next-step";
import { SaveState } from "@/domain/records/save-state";
import { VersionConflict } from "@/domain/records/version-conflict";
import { WhileThere } from "@/domain/records/while-there";
import { queryIDOf } from "@/domain/widgets/form/config-schema";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Widget, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useClone, useDelete, useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { PutOnDashboard } from "./put-on-dashboard";
import classes from "./widgets.module.css";
import { Workbench } from "./workbench";

export function EditWidget() {
  const { widgetID } = useParams();
  const widget = useOne("widget", widgetID);
  const types = useWidgetTypes();
  const error = failureOf(widget, types);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error)
    return (
      <ErrorPanel page error={error} onRetry={() => void Promise.all([widget.refetch(), types.refetch()])} />
    );
  if (!widget.data || !types.data) {
    return (
      <Stack p="xl">
        <Skeleton h={28} w={220} />
        <Skeleton h={320} />
      </Stack>
    );
  }
  return (
    <WhileThere error={widget.error}>
      <Editor key={widget.data.id} widget={widget.data} types={types.data} />
    </WhileThere>
  );
}

const widgetDraftOf = ({ name, description, type, config }: Widget): WidgetDraft => ({
  name,
  description,
  type,
  config,
});

function Editor({ widget, types }: { widget: Widget; types: WidgetType[] }) {
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("widget", widget, widgetDraftOf);
  const [broken, setBroken] = useState<FieldErrors>({});
  const [placing, setPlacing] = useState(false);
  const { base, draft, dirty, saving } = editor;
  const type = types.find((candidate) => candidate.type === draft.type) ?? {
    type: draft.type,
    name: draft.type,
    description: "",
    category: "data" as const,
    configSchema: { type: "object" as const },
  };
  const mayUpdate = can("widget:update");

  const save = () => {
    const found = validate(type.configSchema, draft.config, "config");
    setBroken(found);
    if (Object.keys(found).length === 0) void editor.save();
  };
  useSaveShortcut(() => dirty && !saving && save(), mayUpdate);
  return (
    <div className={classes.page}>
      <PageHeader
        title={draft.name}
        breadcrumb={[{ label: t`Widgets`, to: link("widgets") }]}
        {...(mayUpdate ? { onRename: (name: string) => editor.set({ name }) } : {})}
        state={<SaveState dirty={dirty} saving={saving} savedAt={base.updatedAt} version={base.version} />}
        actions={
          <>
            <WidgetMenu widget={base} onPlace={() => setPlacing(true)} />
            {mayUpdate && (
              <Button loading={saving} disabled={!dirty} onClick={save}>
                <Trans>Save</Trans>
              </Button>
            )}
          </>
        }
      />
      <NextStep
        text={t`Widget saved. Next, add it to a dashboard.`}
        action={
          (can("dashboard:update") || can("dashboard:create")) && (
            <Button size="xs" onClick={() => setPlacing(true)}>
              <Trans>Add to dashboard</Trans>
            </Button>
          )
        }
      />
      {placing && <PutOnDashboard widget={base} onClose={() => setPlacing(false)} />}
      {Boolean(editor.error) && (
        <div className={classes.notice}>
          <ErrorPanel error={editor.error} title={t`Could not save the changes`} />
        </div>
      )}
      <Workbench
        draft={draft}
        set={editor.set}
        errors={{ ...editor.errors, ...broken }}
        type={type}
        savedID={base.id}
        readOnly={!mayUpdate}
      />
      <UnsavedGuard dirty={dirty} onSave={mayUpdate ? () => editor.save() : undefined} />
      <VersionConflict editor={editor} />
    </div>
  );
}

function WidgetMenu({ widget, onPlace }: { widget: Widget; onPlace: () => void }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("widget");
  const remove = useDelete("widget");
  const [deleting, setDeleting] = useState(false);
  const queryID = queryIDOf(widget.config);
  const goTo = (...segments: string[]) => void navigate(link("widgets", ...segments));
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(can("dashboard:update") || can("dashboard:create")) && (
            <Menu.Item leftSection={<IconLayoutDashboard size={16} />} onClick={onPlace}>
              <Trans>Add to dashboard…</Trans>
            </Menu.Item>
          )}
          {queryID && can("dataquery:read") && (
            <Menu.Item
              component={Link}
              to={link("data-queries", queryID)}
              leftSection={<IconFileSearch size={16} />}
            >
              <Trans>Open query</Trans>
            </Menu.Item>
          )}
          {can("widget:clone") && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                clone.mutate(
                  { id: widget.id },
                  { onSuccess: ({ id }) => goTo(id), onError: (error) => notify.failed(error) },
                )
              }
            >
              <Trans>Clone</Trans>
            </Menu.Item>
          )}
          {can("widget:delete") && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDeleting(true)}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDelete
        noun={t`widget`}
        name={deleting ? widget.name : null}
        cascade
        onClose={() => setDeleting(false)}
        onDelete={async ({ cascade }) => {
          await remove.mutateAsync({ id: widget.id, cascade });
          goTo();
        }}
      />
    </>
  );
}
