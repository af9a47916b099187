import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  NumberInput,
  Select,
  Skeleton,
  Stack,
  Tabs,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
  VisuallyHidden,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import type { DashboardDraft, Widget } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { VariablesEditor } from "../variables/variables-editor";
import classes from "./edit-panel.module.css";

interface EditPanelProps {
  draft: DashboardDraft;
  errors: FieldErrors;
  onChange: (draft: DashboardDraft, tag?: string) => void;
  onAdd: (widget: Widget) => void;
}

const zones = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];

/** The side panel: widgets to add, and the settings of the dashboard. */
export function EditPanel({ draft, errors, onChange, onAdd }: EditPanelProps) {
  return (
    <Tabs defaultValue="widgets" className={classes.panelTabs}>
      <Tabs.List>
        <Tabs.Tab value="widgets">
          <Trans>Library</Trans>
        </Tabs.Tab>
        <Tabs.Tab value="variables">
          <Trans>Filters</Trans>
          {draft.variables.length ? ` ${draft.variables.length}` : ""}
        </Tabs.Tab>
        <Tabs.Tab value="settings">
          <Trans>Settings</Trans>
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="widgets" className={classes.panelBody}>
        <WidgetPicker used={draft.items.map(({ widgetID }) => widgetID)} onAdd={onAdd} />
      </Tabs.Panel>
      <Tabs.Panel value="variables" className={classes.panelBody}>
        <VariablesEditor
          variables={draft.variables}
          errors={errors}
          onChange={(variables, tag) => onChange({ ...draft, variables }, tag)}
        />
      </Tabs.Panel>
      <Tabs.Panel value="settings" className={classes.panelBody}>
        <Stack gap="md">
          <NumberInput
            label={t`Auto-refresh`}
            description={t`How often the data is refreshed for viewers. Enter 0 to turn auto-refresh off.`}
            suffix=" s"
            min={0}
            max={86_400}
            allowDecimal={false}
            value={draft.refreshSeconds}
            error={errors["refreshSeconds"]}
            onChange={(value) =>
              typeof value === "number" && onChange({ ...draft, refreshSeconds: value }, "refresh")
            }
          />
          <Select
            label={t`Time zone`}
            description={t`Decides which day “today” is, and where days and months start in charts.`}
            data={zones}
            value={draft.timeZone ?? null}
            placeholder={t`The viewer’s time zone`}
            searchable
            clearable
            limit={100}
            error={errors["timeZone"]}
            onChange={(timeZone) => {
              const { timeZone: _, ...rest } = draft;
              onChange(timeZone ? { ...rest, timeZone } : rest, "zone");
            }}
          />
          <Textarea
            label={t`Description`}
            autosize
            minRows={2}
            maxRows={8}
            value={draft.description ?? ""}
            error={errors["description"]}
            onChange={(event) =>
              onChange({ ...draft, description: event.currentTarget.value }, "description")
            }
          />
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}

function WidgetPicker({ used, onAdd }: { used: string[]; onAdd: (widget: Widget) => void }) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const list = useList("widget", { q, sort: "name", limit: 100, dashboardID: "none" });
  return (
    <Stack gap="sm">
      <TextInput
        aria-label={t`Search widgets`}
        placeholder={t`Search widgets`}
        size="xs"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {list.error && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />}
      {!list.items && !list.error && <Skeleton h={160} />}
      <ul className={classes.picker}>
        {list.items?.map((widget) => {
          const count = used.filter((id) => id === widget.id).length;
          return (
            <li key={widget.id}>
              <UnstyledButton className={classes.pick} onClick={() => onAdd(widget)}>
                <KindIcon type={widget.type} size={16} />
                <Text span size="sm" truncate flex={1}>
                  <Trans>
                    <VisuallyHidden>Add </VisuallyHidden>
                    {widget.name}
                  </Trans>
                </Text>
                {count > 0 && (
                  <Text span size="xs" c="dimmed">
                    {plural(count, { one: "Added", other: "Added # times" })}
                  </Text>
                )}
                <IconPlus size={14} aria-hidden />
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
      {list.items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {q ? t`No results.` : t`The library is empty.`}
        </Text>
      )}
    </Stack>
  );
}
