import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Input, Skeleton, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { onlyReads } from "@/domain/records/changes-data";
import { ResourceSelect } from "@/domain/records/resource-select";
import { missingValues, type FindRuns } from "@/domain/widgets/form/actions/required-values";
import { hasTable, queryIDOf, retype, takesQuery } from "@/domain/widgets/form/config-schema";
import { Preview } from "@/domain/widgets/form/preview/preview";
import { usePreviewFilters, type DashboardFilters } from "@/domain/widgets/form/preview/preview-filters";
import { usePreviewData, type PreviewQuery } from "@/domain/widgets/form/preview/preview-data";
import { tableRead } from "@/domain/widgets/form/table-read";
import { useSuggestion } from "@/domain/widgets/form/use-suggestion";
import { WidgetSettings, type SettingsQuery } from "@/domain/widgets/form/widget-settings";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { suggestKinds } from "@/domain/widgets/kinds/suggest-kinds";
import { useDatasourceTypes, useWidgetTypes } from "@/lib/api/catalog";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { Column, WidgetDraft, WidgetType } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { useTenantID } from "@/lib/tenant";
import type { LocalQuery, LocalWidget } from "../contents";
import { MissingFilters } from "../filters";
import classes from "./drawer.module.css";

interface WidgetStepProps {
  id: string;
  widget: LocalWidget;
  /** The query that is edited here, with its ID. */
  query: { id: string; local: LocalQuery } | null;
  isNew: boolean;
  /** Whether the kind still follows from the data. */
  isKindOpen: boolean;
  onKind: () => void;
  /** The dashboard's variables, with values to try the widget with. */
  dashboard: DashboardFilters;
  missing: readonly string[];
  onChange: (change: Partial<WidgetDraft>) => void;
  onAddFilter: (name: string) => void;
  /** Opens the query; null for a widget without a query that can be edited. */
  onEditQuery: (() => void) | null;
  onBack: (() => void) | null;
  onCancel: () => void;
  onDone: () => void;
  /** What the last save refused, by field. */
  refused: FieldErrors;
}

/** Edits the kind and the settings of a widget, beside a live preview. */
export function WidgetStep(props: WidgetStepProps) {
  const types = useWidgetTypes().data;
  const type = types?.find((known) => known.type === props.widget.draft.type);
  if (!types || !type) return <Skeleton m="md" h={240} w="auto" />;
  return <Settings {...props} types={types} type={type} />;
}

function usePreview({ id, widget, query, dashboard }: WidgetStepProps) {
  const { draft, version } = widget;
  const queryID = queryIDOf(draft.config);
  const isLocal = queryID !== null && query?.id === queryID;
  const saved = useOne("dataquery", isLocal ? undefined : (queryID ?? undefined)).data;
  const asked: PreviewQuery | undefined = isLocal
    ? { id: query.id, version: 0, parameters: query.local.draft.parameters, unsaved: query.local.draft }
    : saved;
  const filters = usePreviewFilters(draft.config, asked, dashboard);
  const data = usePreviewData(draft.config, asked, version === null ? null : id, filters.variables);
  return { source: asked?.unsaved ?? saved, data, filters };
}

function Settings(props: WidgetStepProps & { types: WidgetType[]; type: WidgetType }) {
  const { widget, types, type, isNew, missing, onChange, onAddFilter, onCancel, onDone, onBack } = props;
  const { draft, version, dashboardID } = widget;
  const { source, data, filters } = usePreview(props);
  const { rows, columns } = useMemo(() => rowsOf(data.result), [data.result]);
  const [fresh, setFresh] = useState(isNew);
  const [broken, setBroken] = useState<FieldErrors>(props.refused);
  const findRuns = useFindRuns(props);
  useSuggestion({ draft, set: onChange, errors: {}, type, readOnly: false }, data.result, fresh);

  const choose = (name: string) => {
    const next = types.find((known) => known.type === name);
    if (!next || next.type === draft.type) return;
    onChange({ type: next.type, config: retype(draft.config, next, source) });
    setFresh(true);
  };
  const editable = useEditableKind(source, types, columns);
  const kinds = data.result && takesQuery(type) ? [...suggestKinds(columns, rows), ...editable] : [];
  useBestKind(props.isKindOpen && data.result !== null, kinds[0], (best) => {
    choose(best);
    props.onKind();
  });

  const done = () => {
    const found = {
      ...missingValues(draft.config, findRuns),
      ...validate(type.configSchema, draft.config, "config"),
      ...(draft.name.trim() ? {} : { name: t`Enter a name` }),
    };
    setBroken(found);
    if (Object.keys(found).length === 0) onDone();
  };
  return (
    <section className={classes.step} aria-label={t`Widget`}>
      <MissingFilters names={missing} onAdd={onAddFilter} />
      <div className={classes.columns}>
        <div className={classes.settings}>
          {version !== null && dashboardID === null && (
            <Text size="sm" c="dimmed" className={classes.field}>
              <Trans>This widget is in the library. Changes apply everywhere it is used.</Trans>
            </Text>
          )}
          <div className={classes.field}>
            <TextInput
              label={t`Name`}
              value={draft.name}
              maxLength={255}
              error={broken["name"]}
              onChange={(event) => onChange({ name: event.currentTarget.value })}
            />
          </div>
          {kinds.length > 1 && (isNew || kinds.includes(draft.type)) && (
            <Suggestions kinds={kinds} types={types} value={draft.type} onChoose={choose} />
          )}
          <WidgetSettings
            draft={draft}
            set={onChange}
            errors={broken}
            type={type}
            readOnly={false}
            columns={columns}
            rows={rows}
            query={source}
            onFresh={() => setFresh(true)}
            {...sourceOf(props)}
          />
        </div>
        <Preview draft={draft} data={data} filters={filters} />
      </div>
      <div className={classes.foot}>
        {onBack && (
          <Button variant="default" onClick={onBack}>
            <Trans>Back</Trans>
          </Button>
        )}
        <span className={classes.grow} />
        <Button variant="default" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button onClick={done}>{isNew ? <Trans>Add to dashboard</Trans> : <Trans>Apply</Trans>}</Button>
      </div>
    </section>
  );
}

/**
 * Returns a function that finds what an action runs: the query that is edited here, or a record that the settings have
 * loaded.
 */
function useFindRuns({ query }: WidgetStepProps): FindRuns {
  const client = useQueryClient();
  const tenantID = useTenantID();
  return (kind, id) =>
    kind === "dataquery" && query?.id === id
      ? { parameters: query.local.draft.parameters, changesData: true }
      : client.getQueryData(keys.one(tenantID, kind, id));
}

/** Returns the kind whose rows are edited in place, if the query reads rows of a table that can be changed. */
function useEditableKind(
  query: SettingsQuery | undefined,
  types: readonly WidgetType[],
  columns: readonly Column[],
): string[] {
  const can = useCan();
  const datasourceID = query?.datasourceID;
  const datasource = useOne("datasource", datasourceID, { enabled: can("datasource:read") }).data;
  const type = useDatasourceTypes().data?.find((one) => one.type === datasource?.type);
  const isWritable = type?.capabilities.edits === true && datasource?.options["readOnly"] !== true;
  const schema = useDatasourceSchema(datasourceID, { enabled: isWritable }).data;
  const sql = query?.options["sql"];
  const table = isWritable && schema && typeof sql === "string" ? tableRead(sql, schema.items) : null;
  const key = table?.columns.filter(({ primaryKey }) => primaryKey) ?? [];
  const hasKey = key.length > 0 && key.every(({ name }) => columns.some((column) => column.name === name));
  const kind = types.find(hasTable);
  return kind && hasKey ? [kind.type] : [];
}

/** Selects the best kind for the data of a new widget. */
function useBestKind(ready: boolean, best: string | undefined, choose: (kind: string) => void) {
  const select = useEffectEvent(choose);
  useEffect(() => {
    if (ready && best) select(best);
  }, [ready, best]);
}

/** What replaces the field for the query: a new query has no ID that could be selected yet. */
function sourceOf({ widget, query, onEditQuery, onChange }: WidgetStepProps): { source?: React.ReactNode } {
  if (!onEditQuery) return {};
  const { config } = widget.draft;
  const button = (
    <Button size="xs" variant="default" leftSection={<IconPencil size={14} />} onClick={onEditQuery}>
      <Trans>Edit query</Trans>
    </Button>
  );
  const isNew = query?.local.version === null && query.id === queryIDOf(config);
  return {
    source: isNew ? (
      <Input.Wrapper label={t`Query`} labelElement="div">
        <div>{button}</div>
      </Input.Wrapper>
    ) : (
      <div>
        <ResourceSelect
          kind="dataquery"
          accepts={onlyReads}
          label={t`Query`}
          value={queryIDOf(config)}
          mb="xs"
          onChange={(id) => id && onChange({ config: { ...config, queryID: id, parameters: {} } })}
        />
        {button}
      </div>
    ),
  };
}

interface SuggestionsProps {
  kinds: readonly string[];
  types: readonly WidgetType[];
  value: string;
  onChoose: (kind: string) => void;
}

function Suggestions({ kinds, types, value, onChoose }: SuggestionsProps) {
  return (
    <Input.Wrapper label={t`Suggested`} labelElement="div" className={classes.field ?? ""}>
      <div className={classes.kinds} role="group" aria-label={t`Suggested`}>
        {kinds.map((kind) => (
          <UnstyledButton
            key={kind}
            className={classes.kind}
            aria-pressed={kind === value}
            onClick={() => onChoose(kind)}
          >
            <KindIcon type={kind} size={16} />
            {types.find(({ type }) => type === kind)?.name ?? kind}
          </UnstyledButton>
        ))}
      </div>
    </Input.Wrapper>
  );
}
