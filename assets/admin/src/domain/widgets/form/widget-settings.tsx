import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select, Skeleton, Stack, Text, Textarea } from "@mantine/core";
import { useMemo } from "react";
import { onlyReads } from "@/domain/records/changes-data";
import { RecordLink } from "@/domain/records/record-name";
import { ResourceSelect } from "@/domain/records/resource-select";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { DataQueryDraft, JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useQueryEffect } from "@/lib/api/subjects/data-queries";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { showValue } from "@/lib/schema/free-value";
import type { FieldErrors } from "@/lib/schema/paths";
import { variableOf } from "@/lib/templates/templates";
import { Fact, Facts } from "@/ui/facts/facts";
import { objectsOf, textOf, type rowsOf } from "../kinds/config";
import { actionRenderers } from "./actions/action-fields";
import { colorRenderers } from "./colors/color-fields";
import { columnRenderers } from "./column-fields";
import { hasTable, widgetFormSchema, needsQuery, parametersOf, retype, takesQuery } from "./config-schema";
import { RowLimitNote } from "./paging/row-limit-note";
import { ParameterMapping } from "./parameter-mapping";
import { tableRenderers, useTables } from "./table-fields";
import classes from "./widget-form.module.css";

/** A widget that is being edited. */
export interface WidgetEditing {
  draft: WidgetDraft;
  set: (change: Partial<WidgetDraft>) => void;
  errors: FieldErrors;
  type: WidgetType;
  readOnly: boolean;
}

/** What the settings of a widget depend on. */
export type SettingsQuery = Pick<
  DataQueryDraft,
  "datasourceID" | "options" | "parameters" | "effect" | "maxRows"
>;

interface WidgetSettingsProps extends WidgetEditing {
  columns: ReturnType<typeof rowsOf>["columns"];
  /** The data, as far as it is loaded. */
  rows: ReturnType<typeof rowsOf>["rows"];
  /** The widget's query, possibly unsaved; undefined while loading, and for widgets without a query. */
  query: SettingsQuery | undefined;
  onFresh: () => void;
  /** Replaces the field that selects the query. */
  source?: React.ReactNode;
}

/** Edits a widget: its query, parameters and the settings of its type. */
export function WidgetSettings(props: WidgetSettingsProps) {
  const { draft, set, errors, type, readOnly, columns, rows, query, onFresh, source } = props;
  const types = useWidgetTypes().data;
  const { queryID, parameters: _, ...own } = draft.config;
  const change = (config: JsonObject) => set({ config });
  const inTable = { columns, config: draft.config, onConfig: change };
  const tables = useTables({ type, query, readOnly, ...inTable });
  const listsTables = tables.length > 0;
  const schema = useMemo(() => widgetFormSchema(type, listsTables), [type, listsTables]);
  const renderers = {
    ...columnRenderers(columns),
    ...colorRenderers(draft.type, draft.config, rows),
    ...actionRenderers(columns, draft.config, change, type.type === "form"),
    ...tableRenderers({ tables, ...inTable }),
  };
  const chooseType = (next: string | null) => {
    const found = types?.find((candidate) => candidate.type === next);
    if (!found || found.type === draft.type) return;
    set({ type: found.type, config: retype(draft.config, found, query) });
    onFresh();
  };
  if (!types) return <Skeleton h={120} m="md" />;
  if (readOnly) return <WidgetFacts draft={draft} type={type} schema={schema} />;
  return (
    <Stack gap="md" className={classes.settings} component="section" aria-label={t`Settings`}>
      <Select
        label={t`Type`}
        data={types.map(({ type: value, name }) => ({ value, label: name }))}
        value={draft.type}
        error={errors["type"]}
        onChange={chooseType}
      />
      {takesQuery(type) && (
        <>
          {source ?? (
            <ResourceSelect
              kind="dataquery"
              accepts={onlyReads}
              label={t`Query`}
              withAsterisk={needsQuery(type)}
              clearable={!needsQuery(type)}
              placeholder={needsQuery(type) ? t`Select a query` : t`None`}
              value={typeof queryID === "string" ? queryID : null}
              error={errors["config.queryID"]}
              onChange={(id) => {
                if (id === queryID || (!id && needsQuery(type))) return;
                const { queryID: _, ...rest } = draft.config;
                change({ ...rest, ...(id ? { queryID: id } : {}), parameters: {} });
                onFresh();
              }}
            />
          )}
          {type.type === "form" && queryID !== undefined && (
            <Prefill config={draft.config} columns={columns} />
          )}
          <WritingQuery query={query} />
          <ParameterMapping
            key={String(queryID)}
            parameters={query?.parameters ?? []}
            value={parametersOf(draft.config)}
            errors={errors}
            onChange={(next) => change({ ...draft.config, parameters: next })}
          />
          <RowLimitNote
            query={query}
            config={draft.config}
            isEdited={hasTable(type)}
            onParameters={(next) => change({ ...draft.config, parameters: next })}
          />
        </>
      )}
      <SchemaForm
        key={draft.type}
        schema={schema}
        path="config"
        value={own}
        errors={errors}
        renderers={renderers}
        onChange={(next) =>
          change({
            ...(takesQuery(type)
              ? { ...(queryID === undefined ? {} : { queryID }), parameters: parametersOf(draft.config) }
              : {}),
            ...next,
          })
        }
      />
      <Textarea
        label={t`Description`}
        autosize
        minRows={1}
        maxRows={6}
        value={draft.description ?? ""}
        error={errors["description"]}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </Stack>
  );
}

interface WidgetFactsProps extends Pick<WidgetEditing, "draft" | "type"> {
  schema: JsonSchema;
}

/** The settings of a widget, to read. */
function WidgetFacts({ draft, type, schema }: WidgetFactsProps) {
  const { queryID, parameters: _, ...own } = draft.config;
  const parameters = Object.entries(parametersOf(draft.config));
  return (
    <Stack gap="md" className={classes.settings} component="section" aria-label={t`Settings`}>
      <Facts>
        <Fact label={t`Type`}>{type.name}</Fact>
        <Fact label={t`Query`}>
          {typeof queryID === "string" && <RecordLink kind="dataquery" id={queryID} />}
        </Fact>
        <Fact label={t`Parameters`}>
          {parameters.length > 0 && (
            <Facts inner>
              {parameters.map(([name, value]) => (
                <Fact key={name} label={name}>
                  {variableOf(value) ?? showValue(value)}
                </Fact>
              ))}
            </Facts>
          )}
        </Fact>
      </Facts>
      <SchemaForm
        key={draft.type}
        schema={schema}
        path="config"
        value={own}
        readOnly
        onChange={() => undefined}
      />
      <Facts>
        <Fact label={t`Description`}>{draft.description}</Fact>
      </Facts>
    </Stack>
  );
}

/** Says which fields of a form the query fills: those with the names of its columns. */
function Prefill({ config, columns }: { config: JsonObject; columns: WidgetSettingsProps["columns"] }) {
  const names = objectsOf(config, "fields")
    .map((field) => textOf(field, "name"))
    .filter(Boolean);
  const known = new Set(columns.map(({ name }) => name));
  const filled = names.filter((name) => known.has(name)).join(", ");
  const left = names.filter((name) => !known.has(name)).join(", ");
  return (
    <Text size="xs" c="var(--jet-muted)" component="div">
      <Trans>The first row of the query fills each field that has the same name as one of its columns.</Trans>
      {columns.length > 0 && filled && <div>{t`Filled: ${filled}.`}</div>}
      {columns.length > 0 && left && (
        <div>{t`Not filled: ${left}. Rename these fields, or the columns in the query.`}</div>
      )}
    </Text>
  );
}

/** Says why a query that changes data is not shown. */
function WritingQuery({ query }: { query: SettingsQuery | undefined }) {
  const effect = useQueryEffect(query);
  if (!effect?.changesData) return null;
  return (
    <Text size="sm" c="var(--mantine-color-error)" role="alert">
      {t`This query changes data, so no widget can show it. Use it in a form or a button instead.`}
    </Text>
  );
}
