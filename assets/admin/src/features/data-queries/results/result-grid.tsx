import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { rowsOf } from "@/domain/widgets/kinds/config";
import type { QueryResult } from "@/lib/api/model";
import { asRows } from "@/lib/rows/cells";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { JsonView } from "@/ui/text/json-view";
import classes from "../data-queries.module.css";

/** Shows rows as a grid, anything else as a tree. */
export function ResultGrid({
  result,
  offset = 0,
  label = t`Result`,
  previewed = false,
}: {
  result: QueryResult;
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
  return <DataGrid rows={rows} columns={columns} label={label} numbered={offset + 1} />;
}
