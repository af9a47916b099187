import { plural, t } from "@lingui/core/macro";
import { ActionIcon, Skeleton, Text, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { columnTypes } from "@/domain/files/column-types";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { keys } from "@/lib/api/keys";
import type { FilePreviewTable } from "@/lib/api/model";
import { plainQuery, showDraft } from "@/lib/api/subjects/data-queries";
import { formatNumber } from "@/lib/format/format";
import type { Row } from "@/lib/rows/cells";
import { selectAll } from "@/lib/sql/sql-names";
import { useTenantID } from "@/lib/tenant";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./files.module.css";

const PAGE = 100;
const HEAD = 48;
const ROW = 28;
const MOST_HEIGHT = 520;

interface RowsProps {
  datasourceID: string;
  table: FilePreviewTable;
}

/** All rows of a table, page by page. */
export function FileRows({ datasourceID, table }: RowsProps) {
  const tenantID = useTenantID();
  const [offset, setOffset] = useState(0);
  const page = useQuery({
    queryKey: [...keys.one(tenantID, "datasource", datasourceID), "rows", table.name, offset],
    queryFn: ({ signal }) =>
      showDraft(
        tenantID,
        plainQuery(datasourceID, selectAll([table.name])),
        { parameters: {}, slice: { offset, limit: PAGE } },
        signal,
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (page.error) return <ErrorPanel error={page.error} onRetry={() => void page.refetch()} />;
  if (!page.data) return <Skeleton h={240} />;
  const { rows } = rowsOf(page.data);
  return (
    <>
      <Grid table={table} rows={rows} first={offset + 1} />
      <div className={classes.foot}>
        <Text size="sm" c="var(--jet-muted)" role="status" className="tabular">
          {rangeOf(offset, rows.length, table.totalRows)}
        </Text>
        {table.totalRows > PAGE && (
          <>
            <Tooltip label={t`Previous page`}>
              <ActionIcon
                ml="auto"
                aria-label={t`Previous page`}
                disabled={offset === 0}
                onClick={() => setOffset(Math.max(0, offset - PAGE))}
              >
                <IconChevronLeft size={16} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t`Next page`}>
              <ActionIcon
                aria-label={t`Next page`}
                disabled={offset + rows.length >= table.totalRows}
                onClick={() => setOffset(offset + PAGE)}
              >
                <IconChevronRight size={16} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </div>
    </>
  );
}

/** The rows of the preview, for people who may not run queries. */
export function FirstRows({ table }: RowsProps) {
  const rows = table.rows.map(({ values }) =>
    Object.fromEntries(table.columns.map(({ name }, at) => [name, values[at]])),
  );
  return (
    <>
      <Grid table={table} rows={rows} first={1} />
      <div className={classes.foot}>
        <Text size="sm" c="var(--jet-muted)">
          {rangeOf(0, rows.length, table.totalRows)}
        </Text>
      </div>
    </>
  );
}

function rangeOf(offset: number, count: number, total: number): string {
  const all = formatNumber(total);
  if (offset === 0 && count >= total) return plural(total, { one: `${all} row`, other: `${all} rows` });
  const [first, last] = [formatNumber(offset + 1), formatNumber(offset + count)];
  return t`Rows ${first}–${last} of ${all}`;
}

function Grid({ table, rows, first }: { table: FilePreviewTable; rows: Row[]; first: number }) {
  return (
    <div className={classes.grid}>
      <DataGrid
        rows={rows}
        columns={table.columns.map(({ name, type }) => ({ name, type, about: columnTypes[type] }))}
        label={t`Rows of ${table.name}`}
        numbered={first}
        sortable={false}
        height={Math.min(MOST_HEIGHT, HEAD + rows.length * ROW)}
      />
    </div>
  );
}
