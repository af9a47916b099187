import { t } from "@lingui/core/macro";
import { Select, Skeleton, Stack, Text, Textarea } from "@mantine/core";
import { useMemo } from "react";
import { onlyReads } from "@/domain/records/changes-data";
import { ResourceSelect } from "@/domain/records/resource-select";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { DataQueryDraft, JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useQueryEffect } from "@/lib/api/subjects/data-queries";
import type { FieldErrors } from "@/lib/schema/paths";
import type { rowsOf } from "../kinds/config";
import { actionRenderers } from "./action-fields";
import { columnRenderers } from "./column-fields";
import { widgetFormSchema, needsQuery, parametersOf, retype, takesQuery } from "./config-schema";
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
export type SettingsQuery = Pick<DataQueryDraft, "datasourceID" | "options" | "parameters" | "effect">;

interface WidgetSettingsProps extends WidgetEditing {
  columns: ReturnType<typeof rowsOf>["columns"];
  /** The widget's query, possibly unsaved; undefined while loading, and for widgets without a query. */
  query: SettingsQuery | undefined;
  onFresh: () => void;
  /** Replaces the field that selects the query. */
  source?: React.ReactNode;
}

/** Edits a widget: its query, parameters and the settings of its type. */
export function WidgetSettings(props: WidgetSettingsProps) {
  const { draft, set, errors, type, readOnly, columns, query, onFresh, source } = props;
  const types = useWidgetTypes().data;
  const { queryID, parameters: _, ...own } = draft.config;
  const change = (config: JsonObject) => set({ config });
  const inTable = { columns, config: draft.config, onConfig: change };
  const tables = useTables({ type, query, readOnly, ...inTable });
  const listsTables = tables.length > 0;
  const schema = useMemo(() => widgetFormSchema(type, listsTables), [type, listsTables]);
  const renderers = {
    ...columnRenderers(columns),
    ...actionRenderers(columns, draft.config, change, type.type === "form"),
    ...tableRenderers({ tables, ...inTable }),
  };
  const chooseType = (next: string | null) => {
    const found = types?.find((candidate) => candidate.type === next);
    if (!found || found.type === draft.type) return;
    set({ type: found.type, config: retype(draft.config, found) });
    onFresh();
  };
  if (!types) return <Skeleton h={120} m="md" />;
  return (
    <Stack gap="md" className={classes.settings} component="section" aria-label={t`Settings`}>
      <Select
        label={t`Type`}
        data={types.map(({ type: value, name }) => ({ value, label: name }))}
        value={draft.type}
        allowDeselect={false}
        disabled={readOnly}
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
              disabled={readOnly}
              allowDeselect={!needsQuery(type)}
              error={errors["config.queryID"]}
              onChange={(id) => {
                if (id === queryID || (!id && needsQuery(type))) return;
                const { queryID: _, ...rest } = draft.config;
                change({ ...rest, ...(id ? { queryID: id } : {}), parameters: {} });
                onFresh();
              }}
            />
          )}
          <WritingQuery query={query} />
          <ParameterMapping
            key={String(queryID)}
            parameters={query?.parameters ?? []}
            value={parametersOf(draft.config)}
            errors={errors}
            disabled={readOnly}
            onChange={(next) => change({ ...draft.config, parameters: next })}
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
        disabled={readOnly}
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
        disabled={readOnly}
        value={draft.description ?? ""}
        error={errors["description"]}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </Stack>
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
