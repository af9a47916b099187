import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { keys } from "@/lib/api/keys";
import type { SchemaTable } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { plainQuery, showDraft } from "@/lib/api/subjects/data-queries";
import { quoteOf } from "@/lib/sql/quote";
import { selectAll } from "@/lib/sql/sql-names";
import { useTenantID } from "@/lib/tenant";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./table-app.module.css";

const ROWS = 8;
const HEAD = 40;
const ROW = 28;

interface RowsPreviewProps {
  datasourceID: string;
  table: SchemaTable;
  columns: readonly string[];
}

/** The first rows of a table, with the columns of the app. */
export function RowsPreview({ datasourceID, table, columns }: RowsPreviewProps) {
  const tenantID = useTenantID();
  const types = useDatasourceTypes().data;
  const datasource = useOne("datasource", datasourceID).data;
  const type = types?.find((one) => one.type === datasource?.type);
  const path = table.schema ? [table.schema, table.name] : [table.name];
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.one(tenantID, "datasource", datasourceID), "first-rows", ...path],
    queryFn: ({ signal }) =>
      showDraft(
        tenantID,
        { ...plainQuery(datasourceID, selectAll(path, type ? quoteOf(type) : '"')), maxRows: ROWS },
        { parameters: {} },
        signal,
      ),
    enabled: type !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const result = data ? rowsOf(data) : null;
  const shown = (result?.columns ?? [])
    .filter(({ name }) => columns.includes(name))
    .map(({ name, type }) => ({ name, type }));
  return (
    <section aria-label={t`Preview`} className={classes.preview}>
      <Title order={2} size="h4">
        <Trans>Preview</Trans>
      </Title>
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!result && !error && <Skeleton h={HEAD + ROWS * ROW} />}
      {result && (
        <DataGrid
          rows={result.rows}
          columns={shown}
          label={t`First rows`}
          sortable={false}
          height={HEAD + Math.max(1, result.rows.length) * ROW}
        />
      )}
    </section>
  );
}
