import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { VersionConflict } from "@/domain/records/version-conflict";
import { queryIDOf } from "@/domain/widgets/form/config-schema";
import { usePreviewData } from "@/domain/widgets/form/preview-data";
import { WidgetSettings } from "@/domain/widgets/form/widget-settings";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { failureOf } from "@/lib/api/errors";
import type { JsonObject, Widget, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface ConfigureItemProps {
  widgetID: string;
  variables: JsonObject;
  /** Updates the shown widget while it is edited; shows the saved one at the end. */
  onChange: (widget: Widget) => void;
  onDirty: (dirty: boolean) => void;
  onClose: () => void;
}

/** Edits the settings of a widget beside the dashboard that shows it. */
export function ConfigureItem({ widgetID, ...props }: ConfigureItemProps) {
  const widget = useOne("widget", widgetID);
  const types = useWidgetTypes();
  const error = failureOf(widget, types);
  if (error)
    return <ErrorPanel error={error} onRetry={() => void Promise.all([widget.refetch(), types.refetch()])} />;
  if (!widget.data || !types.data) return <Skeleton h={240} m="md" />;
  return <Editor key={widget.data.id} widget={widget.data} types={types.data} {...props} />;
}

const widgetDraftOf = ({ name, description, type, config }: Widget): WidgetDraft => ({
  name,
  description,
  type,
  config,
});

interface EditorProps extends Omit<ConfigureItemProps, "widgetID"> {
  widget: Widget;
  types: WidgetType[];
}

function Editor({ widget, types, variables, onChange, onDirty, onClose }: EditorProps) {
  const editor = useEditor("widget", widget, widgetDraftOf);
  const { base, draft, dirty, saving } = editor;
  const [broken, setBroken] = useState<FieldErrors>({});
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const data = usePreviewData(draft.config, query, base.id, variables);
  const columns = useMemo(() => rowsOf(data.result).columns, [data.result]);
  const type = types.find((known) => known.type === draft.type);
  useEffect(() => {
    onDirty(dirty);
    onChange({ ...base, ...draft } as Widget);
    // depends on the draft, not on the callback
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [base, draft, dirty]);
  const cancel = () => {
    onChange(base);
    onClose();
  };
  if (!type) return null;
  const save = async () => {
    const found = validate(type.configSchema, draft.config, "config");
    setBroken(found);
    if (Object.keys(found).length === 0 && (!dirty || (await editor.save()))) onClose();
  };
  return (
    <Stack gap={0} mih="100%" component="section" aria-label={t`Widget ${base.name}`}>
      <Stack gap="sm" px="md" pt="md">
        <div>
          <Title order={2} size="h4">
            <Trans>Widget</Trans>
          </Title>
          <Text size="sm" c="dimmed">
            <Trans>Changes apply everywhere this widget is used.</Trans>
          </Text>
        </div>
        <TextInput
          label={t`Name`}
          value={draft.name}
          maxLength={255}
          error={editor.errors["name"]}
          onChange={(event) => editor.set({ name: event.currentTarget.value })}
        />
      </Stack>
      <WidgetSettings
        draft={draft}
        set={editor.set}
        errors={{ ...editor.errors, ...broken }}
        type={type}
        readOnly={false}
        columns={columns}
        parameters={query?.parameters ?? []}
        onFresh={() => undefined}
      />
      {Boolean(editor.error) && <ErrorPanel error={editor.error} title={t`Could not save the changes`} />}
      <Group
        justify="flex-end"
        gap="sm"
        p="md"
        mt="auto"
        pos="sticky"
        bottom={0}
        bg="var(--mantine-color-body)"
        style={{ borderTop: "1px solid var(--jet-hairline)" }}
      >
        <Button variant="default" onClick={cancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={saving} disabled={!dirty} onClick={() => void save()}>
          <Trans>Save widget</Trans>
        </Button>
      </Group>
      <VersionConflict kind="widget" editor={editor} />
    </Stack>
  );
}
