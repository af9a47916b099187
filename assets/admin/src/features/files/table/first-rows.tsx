import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { FilePreviewTable } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import { DataGrid } from "@/ui/data-grid/data-grid";
import type { ColumnChoice } from "./draft";

const ROWS = 20;
const HEAD = 40;
const ROW = 28;

/** The first rows of the file, with the columns of the table. */
export function FirstRows({
  preview,
  columns,
}: {
  preview: FilePreviewTable;
  columns: readonly ColumnChoice[];
}) {
  const shown = columns.flatMap(({ name, type }, at) => (name === null ? [] : [{ name, type, at }]));
  const rows = preview.rows.slice(0, ROWS).map(({ values }) => {
    return Object.fromEntries(shown.map(({ name, at }) => [name, values[at] ?? null]));
  });
  const [some, all] = [formatNumber(rows.length), formatNumber(preview.totalRows)];
  return (
    <>
      <DataGrid
        rows={rows}
        columns={shown.map(({ name, type }) => ({ name, type }))}
        label={t`First rows`}
        sortable={false}
        height={HEAD + Math.max(1, rows.length) * ROW}
      />
      {rows.length < preview.totalRows && (
        <Text size="xs" c="var(--jet-muted)">
          <Trans>
            Showing the first {some} of {all} rows.
          </Trans>
        </Text>
      )}
    </>
  );
}
