import { Button, Drawer, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import type { JsonObject, Widget, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/paths";
import { validate } from "@/lib/validate";
import { ErrorPanel } from "@/ui/error-panel";
import { VersionConflict } from "@/ui/version-conflict";
import { queryIDOf } from "@/ui/widget-form/config-schema";
import { usePreviewData } from "@/ui/widget-form/preview-data";
import { WidgetSettings } from "@/ui/widget-form/widget-settings";
import { rowsOf } from "@/ui/widget-kinds/config";

interface ConfigureItemProps {
  widgetID: string;
  variables: JsonObject;
  /** Draws the widget as it is being changed; as it was saved at the end. */
  onChange: (widget: Widget) => void;
  onDirty: (dirty: boolean) => void;
  onClose: () => void;
}

/** The settings of a widget, beside the dashboard that shows it. */
export function ConfigureItem({ widgetID, onClose, ...props }: ConfigureItemProps) {
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const widget = useOne("widget", widgetID);
  const types = useWidgetTypes();
  const error = widget.error ?? types.error;
  const [dirty, setDirty] = useState(false);
  const { onChange, onDirty } = props;
  const type = types.data?.find((known) => known.type === widget.data?.type);
  const restore = () => {
    if (widget.data) onChange(widget.data);
    onClose();
  };
  const tell = (next: boolean) => {
    setDirty(next);
    onDirty(next);
  };
  return (
    <Drawer opened onClose={restore} position="right" size={narrow ? "100%" : 400} padding={0} withOverlay={narrow} closeOnClickOutside={false} closeOnEscape={!dirty} withCloseButton={!dirty} trapFocus={narrow} lockScroll={false} title={widget.data?.name ?? "Widget"} closeButtonProps={{ "aria-label": "Close" }} styles={{ header: { padding: "12px 16px" } }}>
      {Boolean(error) && <ErrorPanel error={error} onRetry={() => void Promise.all([widget.refetch(), types.refetch()])} />}
      {!error && (!widget.data || !type) && <Skeleton h={240} m="md" />}
      {widget.data && type && <Editor key={widget.data.id} widget={widget.data} types={types.data ?? []} {...props} onDirty={tell} onClose={onClose} onCancel={restore} />}
    </Drawer>
  );
}

const toDraft = ({ name, description, type, config }: Widget): WidgetDraft => ({ name, description, type, config });

interface EditorProps extends Omit<ConfigureItemProps, "widgetID"> {
  widget: Widget;
  types: WidgetType[];
  onCancel: () => void;
}

function Editor({ widget, types, variables, onChange, onDirty, onClose, onCancel }: EditorProps) {
  const editor = useEditor("widget", widget, toDraft);
  const { base, draft, dirty, saving } = editor;
  const [broken, setBroken] = useState<FieldErrors>({});
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const data = usePreviewData(draft.config, query, base.id, variables);
  const columns = useMemo(() => rowsOf(data.result).columns, [data.result]);
  const type = types.find((known) => known.type === draft.type);
  useEffect(() => {
    onDirty(dirty);
    onChange({ ...base, ...draft } as Widget);
    // what is drawn follows the draft, not who draws it
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [base, draft, dirty]);
  if (!type) return null;
  const save = async () => {
    const found = validate(type.configSchema, draft.config, "config");
    setBroken(found);
    if (Object.keys(found).length === 0 && (!dirty || (await editor.save()))) onClose();
  };
  return (
    <Stack gap={0}>
      <Stack gap="xs" px="md" pt={4}>
        <Text size="sm" c="dimmed">
          A widget is changed wherever it is used.
        </Text>
        <TextInput label="Name" value={draft.name} maxLength={255} error={editor.errors["name"]} onChange={(event) => editor.set({ name: event.currentTarget.value })} />
      </Stack>
      <WidgetSettings draft={draft} set={editor.set} errors={{ ...editor.errors, ...broken }} type={type} readOnly={false} columns={columns} parameters={query?.parameters ?? []} onFresh={() => undefined} />
      {Boolean(editor.error) && <ErrorPanel error={editor.error} title="The changes were not saved" />}
      <Group justify="flex-end" gap="sm" p="md" pos="sticky" bottom={0} bg="var(--mantine-color-body)" style={{ borderTop: "1px solid var(--jet-hairline)" }}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button loading={saving} disabled={!dirty} onClick={() => void save()}>
          Save the widget
        </Button>
      </Group>
      <VersionConflict editor={editor} />
    </Stack>
  );
}
