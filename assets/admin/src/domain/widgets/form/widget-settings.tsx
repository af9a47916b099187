import { t } from "@lingui/core/macro";
import { Select, Skeleton, Stack, Textarea } from "@mantine/core";
import { useMemo } from "react";
import { ResourceSelect } from "@/domain/records/resource-select";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import type { rowsOf } from "../kinds/config";
import { actionRenderers } from "./action-fields";
import { columnRenderers } from "./column-fields";
import { widgetFormSchema, needsQuery, parametersOf, retype, takesQuery } from "./config-schema";
import { ParameterMapping } from "./parameter-mapping";
import classes from "./widget-form.module.css";

/** A widget that is being edited. */
export interface WidgetEditing {
  draft: WidgetDraft;
  set: (change: Partial<WidgetDraft>) => void;
  errors: FieldErrors;
  type: WidgetType;
  readOnly: boolean;
}

interface WidgetSettingsProps extends WidgetEditing {
  columns: ReturnType<typeof rowsOf>["columns"];
  parameters: Parameters<typeof ParameterMapping>[0]["parameters"];
  onFresh: () => void;
}

/** Edits a widget: its query, parameters and the settings of its type. */
export function WidgetSettings({
  draft,
  set,
  errors,
  type,
  readOnly,
  columns,
  parameters,
  onFresh,
}: WidgetSettingsProps) {
  const types = useWidgetTypes().data;
  const schema = useMemo(() => widgetFormSchema(type), [type]);
  const renderers = useMemo(
    () => ({ ...columnRenderers(columns), ...actionRenderers(columns, draft.config["fields"]) }),
    [columns, draft.config],
  );
  const { queryID, parameters: _, ...own } = draft.config;

  const change = (config: JsonObject) => set({ config });
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
          <ResourceSelect
            kind="dataquery"
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
          <ParameterMapping
            key={String(queryID)}
            parameters={parameters}
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
