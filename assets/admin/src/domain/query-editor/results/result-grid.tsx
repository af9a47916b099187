import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { rowsOf } from "@/domain/widgets/kinds/config";
import type { Column, QueryColumn, QueryResult } from "@/lib/api/model";
import { columnFormat, withDeclared } from "@/lib/format/columns";
import { asRows, type Row } from "@/lib/rows/cells";
import { DataGrid, type GridColumn } from "@/ui/data-grid/data-grid";
import { JsonView } from "@/ui/text/json-view";
import classes from "../data-queries.module.css";

function gridColumns(
  columns: Column[],
  rows: readonly Row[],
  declared: readonly QueryColumn[],
): GridColumn[] {
  const described = withDeclared(columns, declared);
  return columns.map(({ name, type }) => {
    if (!declared.some((one) => one.name === name)) return { name, type };
    const { label, align, text, tone, isStatus } = columnFormat(described, name, rows);
    return {
      name,
      type,
      label,
      align,
      format: text,
      ...(isStatus ? { tone: (row: Row) => tone(row[name]) } : {}),
    };
  });
}

/** Shows rows as a grid, anything else as a tree. */
export function ResultGrid({
  result,
  declared = [],
  offset = 0,
  label = t`Result`,
  previewed = false,
}: {
  result: QueryResult;
  /** What the query declares about its columns: those without a declaration are shown as they came. */
  declared?: readonly QueryColumn[];
  offset?: number;
  label?: string;
  previewed?: boolean;
}) {
  const { rows, columns } = rowsOf(result);
  if (asRows(result.data) === null) {
    return (
      <div className={classes.form}>
        <JsonView value={result.data} label={label} />
      </div>
    );
  }
  if (columns.length === 0) {
    // What it changed, or would change, is shown above.
    if (previewed || typeof result.affectedRows === "number") return null;
    return (
      <Text size="sm" p="md">
        <Trans>The query returned no rows.</Trans>
      </Text>
    );
  }
  return (
    <DataGrid
      rows={rows}
      columns={gridColumns(columns, rows, declared)}
      label={label}
      numbered={offset + 1}
    />
  );
}
