import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Skeleton, Text } from "@mantine/core";
import { useMemo } from "react";
import { useQueryChoices } from "@/domain/variables/query-choices";
import { VariablesBar } from "@/domain/variables/variables-bar";
import { queryIDOf } from "../config-schema";
import { usePreviewPages, type PreviewData } from "./preview-data";
import type { PreviewFilters } from "./preview-filters";
import { widgetKind } from "../../kinds";
import { textOfMissing } from "../../kinds/actions/unresolved";
import { rowsOf } from "../../kinds/config";
import { Hint } from "../../kinds/hint";
import { WidgetHostProvider, type WidgetHost } from "../../kinds/host";
import { drawsData, WidgetView } from "../../kinds/widget-view";
import type { WidgetDraft } from "@/lib/api/model";
import { formatDuration } from "@/lib/format/format";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { plainColumns } from "@/lib/rows/cells";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./preview.module.css";

interface PreviewProps {
  draft: WidgetDraft;
  data: PreviewData;
  filters: PreviewFilters;
}

/** Previews the widget and the data behind it. */
export function Preview({ draft, data, filters }: PreviewProps) {
  const { variables } = filters;
  const choices = useQueryChoices(filters.shown, filters.queries);
  const kind = widgetKind(draft.type);
  const small = kind !== undefined && kind.size.h <= 2;
  const readPage = usePreviewPages(draft.config, data);
  const host = useMemo<WidgetHost>(
    () => ({
      variables,
      setVariables: null,
      refresh: data.refetch,
      readPage,
      choices: null,
      act: null,
      change: null,
      building: true,
    }),
    [variables, data.refetch, readPage],
  );
  return (
    <div className={classes.preview}>
      <VariablesBar
        variables={filters.shown}
        values={filters.values}
        data={choices}
        filtered={[]}
        zone={filters.zone}
        label={t`Preview filters`}
        heading={t`Preview with`}
        onChange={({ name }, value) => filters.set(name, value)}
      />
      <div className={classes.stage} data-small={small || undefined}>
        <figure className={classes.frame} aria-label={t`Preview`} aria-busy={data.fetching}>
          <figcaption className={classes.caption}>{draft.name || t`Untitled`}</figcaption>
          <div className={classes.body} data-flush={kind?.flush || undefined}>
            <WidgetHostProvider value={host}>
              <PreviewBody draft={draft} data={data} />
            </WidgetHostProvider>
          </div>
        </figure>
      </div>
      {(kind?.data === "needed" || queryIDOf(draft.config)) && <DataBehind data={data} />}
    </div>
  );
}

function PreviewBody({ draft, data }: { draft: WidgetDraft; data: PreviewData }) {
  const { type, config } = draft;
  if (drawsData(type, config)) {
    if (!queryIDOf(config)) return <Hint text={t`Select a query to show its data.`} />;
    if (data.missing.length > 0)
      return <Hint text={t`Enter a value for ${data.missing.join(", ")} to see the data.`} />;
    const [path] = data.waiting;
    if (path !== undefined) return <Hint text={textOfMissing(path, undefined)} />;
    if (data.error)
      return <ErrorPanel error={data.error} title={t`Could not load the data`} onRetry={data.refetch} />;
    if (!data.result) return <Skeleton h="100%" mih={40} />;
  }
  return <WidgetView type={type} config={config} result={data.result} label={draft.name || t`Preview`} />;
}

function DataBehind({ data }: { data: PreviewData }) {
  const { rows, columns } = rowsOf(data.result);
  return (
    <section className={classes.dataBehind} aria-label={t`Widget data`}>
      <Group gap="sm" wrap="nowrap" className={classes.dataHead}>
        <Text size="sm" fw={500} flex={1}>
          <Trans>Data</Trans>
        </Text>
        {data.result && (
          <Text size="xs" c="dimmed" className="tabular" role="status">
            {plural(data.result.rowCount, { one: "# row", other: "# rows" })} ·{" "}
            {formatDuration(data.result.durationMs)}
            {data.result.truncated && (
              <>
                {" "}
                · <Trans>truncated</Trans>
              </>
            )}
          </Text>
        )}
      </Group>
      <div className={classes.dataRows}>
        {data.result && <DataGrid rows={rows} columns={plainColumns(columns)} label={t`Data`} numbered={1} />}
      </div>
    </section>
  );
}
