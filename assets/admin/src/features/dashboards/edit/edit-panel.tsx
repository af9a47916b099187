import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  NumberInput,
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
import { Link } from "react-router";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { useCan } from "@/lib/api/me";
import type { DashboardDraft, Widget } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "../dashboards.module.css";
import { VariablesEditor } from "../variables/variables-editor";

interface EditPanelProps {
  draft: DashboardDraft;
  errors: FieldErrors;
  onChange: (draft: DashboardDraft, tag?: string) => void;
  onAdd: (widget: Widget) => void;
}

/** The side panel: widgets to add, and the settings of the dashboard. */
export function EditPanel({ draft, errors, onChange, onAdd }: EditPanelProps) {
  return (
    <Tabs defaultValue="widgets" className={classes.panelTabs}>
      <Tabs.List>
        <Tabs.Tab value="widgets">
          <Trans>Widgets</Trans>
        </Tabs.Tab>
        <Tabs.Tab value="variables">
          <Trans>Variables</Trans>
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
  const can = useCan();
  const link = useTenantLink();
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const list = useList("widget", { q, sort: "name", limit: 100 });
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
          {q ? t`No results.` : t`No widgets yet.`}
          {!q && can("widget:create") && (
            <>
              {" "}
              <Link to={link("widgets", "new")}>
                <Trans>Create widget</Trans>
              </Link>
              .
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}
