import { Select, Skeleton, Splitter, Stack, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { isEqual } from "@/lib/merge-patch";
import type { FieldErrors } from "@/lib/paths";
import { variablesIn } from "@/lib/templates";
import { Panes } from "@/ui/panes";
import { ResourceSelect } from "@/ui/resource-select";
import { SchemaForm } from "@/ui/schema-form/schema-form";
import { rowsOf } from "@/ui/widget-kinds/config";
import { suggestConfig } from "@/ui/widget-kinds/suggest";
import { actionRenderers } from "./action-fields";
import { columnRenderers } from "./column-fields";
import { columnsUsed, formSchema, needsQuery, parametersOf, queryIDOf, retype, takesQuery } from "./config-schema";
import { ParameterMapping } from "./parameter-mapping";
import { Preview } from "./preview";
import { usePreviewData } from "./preview-data";
import classes from "./widgets.module.css";

export interface WorkbenchProps {
  draft: WidgetDraft;
  set: (change: Partial<WidgetDraft>) => void;
  errors: FieldErrors;
  type: WidgetType;
  savedID: string | null;
  readOnly: boolean;
}

/** The settings on the left, what they make of the data on the right. */
export function Workbench(props: WorkbenchProps) {
  const { draft, savedID } = props;
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const [variables, setVariables] = useState<JsonObject>({});
  const [fresh, setFresh] = useState(savedID === null);
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const data = usePreviewData(draft.config, query, savedID, variables);
  const columns = useMemo(() => rowsOf(data.result).columns, [data.result]);
  useSuggestion(props, data.result, fresh);

  const settings = <Settings {...props} columns={columns} parameters={query?.parameters ?? []} onFresh={() => setFresh(true)} />;
  const preview = <Preview draft={draft} data={data} names={variablesIn(draft.config)} variables={variables} onVariable={(name, value) => setVariables((old) => ({ ...old, [name]: value || undefined }))} />;
  if (narrow) {
    return (
      <div className={classes.stacked}>
        {preview}
        {settings}
      </div>
    );
  }
  return (
    <Panes name="widget" className={classes.workbench}>
      <Splitter.Pane defaultSize="360px" min="280px" className={classes.settingsPane}>
        {settings}
      </Splitter.Pane>
      <Splitter.Pane defaultSize={100} min="320px">
        {preview}
      </Splitter.Pane>
    </Panes>
  );
}

/** Fills in a first guess when the data of a newly chosen query has none of the columns that are drawn. */
function useSuggestion({ draft, set, readOnly, type }: WorkbenchProps, result: Parameters<typeof rowsOf>[0], fresh: boolean) {
  useEffect(() => {
    if (!fresh || readOnly || !result) return;
    const { rows, columns } = rowsOf(result);
    if (columnsUsed(type, draft.config).some((name) => columns.some((column) => column.name === name))) return;
    const config = { ...draft.config, ...suggestConfig(draft.type, columns, rows) };
    if (!isEqual(config, draft.config)) set({ config });
  }, [fresh, readOnly, result, type, draft.type, draft.config, set]);
}

interface SettingsProps extends WorkbenchProps {
  columns: ReturnType<typeof rowsOf>["columns"];
  parameters: Parameters<typeof ParameterMapping>[0]["parameters"];
  onFresh: () => void;
}

function Settings({ draft, set, errors, type, readOnly, columns, parameters, onFresh }: SettingsProps) {
  const types = useWidgetTypes().data;
  const schema = useMemo(() => formSchema(type), [type]);
  const renderers = useMemo(() => ({ ...columnRenderers(columns), ...actionRenderers(columns, draft.config["fields"]) }), [columns, draft.config]);
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
    <Stack gap="md" className={classes.settings} component="section" aria-label="Settings">
      <Select label="Type" data={types.map(({ type: value, name }) => ({ value, label: name }))} value={draft.type} allowDeselect={false} disabled={readOnly} error={errors["type"]} onChange={chooseType} />
      {takesQuery(type) && (
        <>
          <ResourceSelect
            kind="dataquery"
            label="Query"
            withAsterisk={needsQuery(type)}
            clearable={!needsQuery(type)}
            placeholder={needsQuery(type) ? "Choose a query" : "None"}
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
          <ParameterMapping key={String(queryID)} parameters={parameters} value={parametersOf(draft.config)} errors={errors} disabled={readOnly} onChange={(next) => change({ ...draft.config, parameters: next })} />
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
        onChange={(next) => change({ ...(takesQuery(type) ? { ...(queryID === undefined ? {} : { queryID }), parameters: parametersOf(draft.config) } : {}), ...next })}
      />
      <Textarea label="Description" autosize minRows={1} maxRows={6} disabled={readOnly} value={draft.description ?? ""} error={errors["description"]} onChange={(event) => set({ description: event.currentTarget.value })} />
    </Stack>
  );
}
