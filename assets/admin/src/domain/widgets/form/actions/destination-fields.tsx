import { t } from "@lingui/core/macro";
import { Autocomplete, Fieldset, MultiSelect, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import { useFormContext, type FieldProps } from "@/domain/schema-form/context";
import schemaClasses from "@/domain/schema-form/schema-form.module.css";
import { useList, useOne } from "@/lib/api/resources";
import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { toneOptions } from "@/ui/input/tone-options";
import { usePlacedWidgets } from "../placed-widgets";
import { valueText } from "./action-values";
import classes from "../widget-form.module.css";

const NOTHING = "nothing";
const EXAMPLE = "{{ row.id }}";
const EXAMPLE_URL = `https://example.com/orders/${EXAMPLE}`;

const types = [
  { value: NOTHING, label: t`Nothing` },
  { value: "widget", label: t`A widget of this dashboard` },
  { value: "dashboard", label: t`Another dashboard` },
  { value: "url", label: t`A web page` },
];

/** Edits what a selected row or an action opens. */
export function DestinationField({
  placeholders,
  required = false,
  ...props
}: FieldProps & { placeholders: readonly string[] }) {
  const { errors } = useFormContext();
  const { path, label, value, schema, onChange } = props;
  const to = isObject(value) ? value : null;
  const type = typeof to?.["type"] === "string" ? to["type"] : NOTHING;
  const choose = (next: string | null) => {
    if (next === null || next === type) return;
    onChange(next === NOTHING ? undefined : { type: next });
  };
  return (
    <Fieldset legend={label} variant="unstyled" className={schemaClasses.nested}>
      <Stack gap="sm">
        <Select
          aria-label={label}
          description={schema.description}
          data={required ? types.slice(1) : types}
          value={type}
          error={errors[path] ?? errors[joinPath(path, "type")]}
          onChange={choose}
        />
        {to && <Target to={to} path={path} label={label} placeholders={placeholders} onChange={onChange} />}
      </Stack>
    </Fieldset>
  );
}

interface TargetProps {
  to: JsonObject;
  path: string;
  label: string;
  placeholders: readonly string[];
  onChange: (to: JsonObject) => void;
}

function Target({ to, path, label, placeholders, onChange }: TargetProps) {
  const { errors } = useFormContext();
  const id = (name: string) => (typeof to[name] === "string" ? to[name] : null);
  const placed = usePlacedWidgets(id("widgetID") ? [id("widgetID") ?? ""] : []);
  switch (to["type"]) {
    case "widget":
      if (placed)
        return (
          <>
            <Select
              aria-label={t`Widget to open: ${label}`}
              placeholder={t`Select a widget`}
              data={placed}
              {...toneOptions(null, placed, () => undefined)}
              value={id("widgetID")}
              searchable
              nothingFoundMessage={t`No results`}
              error={errors[joinPath(path, "widgetID")]}
              onChange={(widgetID) => onChange({ ...to, widgetID })}
            />
            <Text size="xs" c="var(--jet-muted)">
              {t`To open it in a drawer, select “Show in a drawer” in its menu in the dashboard editor.`}
            </Text>
          </>
        );
      return (
        <>
          <ResourceSelect
            kind="widget"
            aria-label={t`Widget to open: ${label}`}
            placeholder={t`Select a widget`}
            value={id("widgetID")}
            error={errors[joinPath(path, "widgetID")]}
            onChange={(widgetID) => onChange({ ...to, widgetID })}
          />
          <Text size="xs" c="var(--jet-muted)">
            {t`Place the widget on the same dashboard. To open it in a drawer, select “Show in a drawer” in its menu in the dashboard editor.`}
          </Text>
        </>
      );
    case "dashboard":
      return (
        <>
          <ResourceSelect
            kind="dashboard"
            aria-label={t`Dashboard to open: ${label}`}
            placeholder={t`Select a dashboard`}
            value={id("dashboardID")}
            error={errors[joinPath(path, "dashboardID")]}
            onChange={(dashboardID) => onChange({ ...to, dashboardID, variables: {} })}
          />
          {id("dashboardID") && (
            <Variables
              dashboardID={id("dashboardID") ?? ""}
              path={joinPath(path, "variables")}
              values={isObject(to["variables"]) ? to["variables"] : {}}
              placeholders={placeholders}
              onChange={(variables) => onChange({ ...to, variables })}
            />
          )}
        </>
      );
    default:
      return (
        <TextInput
          aria-label={t`URL to open: ${label}`}
          placeholder={EXAMPLE_URL}
          description={t`Placeholders such as ${EXAMPLE} are encoded.`}
          value={id("url") ?? ""}
          maxLength={2000}
          spellCheck={false}
          error={errors[joinPath(path, "url")]}
          onChange={(event) => onChange({ ...to, url: event.currentTarget.value })}
        />
      );
  }
}

interface VariablesProps {
  dashboardID: string;
  path: string;
  values: JsonObject;
  placeholders: readonly string[];
  onChange: (values: JsonObject) => void;
}

/** Edits a value for each variable of the dashboard that is opened. */
function Variables({ dashboardID, path, values, placeholders, onChange }: VariablesProps) {
  const { errors } = useFormContext();
  const dashboard = useOne("dashboard", dashboardID);
  if (dashboard.isLoading) return <Skeleton h={32} />;
  const variables = dashboard.data?.variables ?? [];
  if (variables.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {dashboard.error ? t`Could not load the dashboard.` : t`This dashboard has no filters.`}
      </Text>
    );
  return (
    <div className={classes.values} role="group" aria-label={t`Filters`}>
      {variables.map(({ name }) => (
        <div key={name} style={{ display: "contents" }}>
          <Text span ff="monospace" size="sm" truncate title={name}>
            {name}
          </Text>
          <Autocomplete
            size="xs"
            aria-label={t`Value of ${name}`}
            data={[...placeholders]}
            value={valueText(values[name])}
            placeholder={t`default`}
            error={errors[joinPath(path, name)]}
            spellCheck={false}
            filter={({ options }) => options}
            onChange={(text) => {
              const { [name]: _, ...rest } = values;
              onChange(text === "" ? rest : { ...rest, [name]: text });
            }}
          />
        </div>
      ))}
    </div>
  );
}

/** Selects the widgets to reload; none reloads everything. */
export function WidgetsField({ path, label, schema, value, onChange }: FieldProps) {
  const { errors } = useFormContext();
  const chosen = Array.isArray(value) ? value.filter((id) => typeof id === "string") : [];
  const placed = usePlacedWidgets(chosen);
  const list = useList("widget", { sort: "name", limit: 100 }, { enabled: placed === null });
  const known = placed ?? (list.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const missing = chosen.filter((id) => !known.some((one) => one.value === id));
  return (
    <MultiSelect
      label={label}
      description={schema.description}
      data={[...known, ...missing.map((id) => ({ value: id, label: t`Unknown widget` }))]}
      value={chosen}
      placeholder={chosen.length ? "" : t`Whole dashboard`}
      searchable
      error={errors[path]}
      onChange={(ids) => onChange(ids.length ? ids : undefined)}
    />
  );
}
