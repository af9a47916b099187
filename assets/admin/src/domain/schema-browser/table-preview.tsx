import { plural, t } from "@lingui/core/macro";
import { Modal, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { keys } from "@/lib/api/keys";
import { plainQuery, showDraft } from "@/lib/api/subjects/data-queries";
import { selectAll } from "@/lib/sql/sql-names";
import { plainColumns } from "@/lib/rows/cells";
import { useTenantID } from "@/lib/tenant";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { ErrorPanel } from "@/ui/feedback/error-panel";

const MOST_ROWS = 50;
const HEAD = 48;
const ROW = 28;
const MOST_HEIGHT = 460;

interface TablePreviewProps {
  datasourceID: string;
  path: readonly string[];
  quote: string;
  onClose: () => void;
}

/** Shows the first rows of a table. */
export function TablePreview({ datasourceID, path, quote, onClose }: TablePreviewProps) {
  const tenantID = useTenantID();
  const name = path.join(".");
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.one(tenantID, "datasource", datasourceID), "rows", name],
    queryFn: ({ signal }) =>
      showDraft(
        tenantID,
        { ...plainQuery(datasourceID, selectAll(path, quote)), maxRows: MOST_ROWS },
        { parameters: {} },
        signal,
      ),
    staleTime: 0,
    retry: false,
  });
  const { rows, columns } = data ? rowsOf(data) : { rows: [], columns: [] };
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t`Rows of ${name}`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton h={240} />}
      {data && (
        <>
          <DataGrid
            rows={rows}
            columns={plainColumns(columns).map((column) => ({ ...column, about: column.type }))}
            label={t`Rows of ${name}`}
            sortable={false}
            height={Math.min(MOST_HEIGHT, HEAD + rows.length * ROW)}
          />
          <Text size="sm" c="var(--jet-muted)" mt="xs" role="status">
            {data.truncated
              ? t`The first ${rows.length} rows`
              : plural(rows.length, { one: "# row", other: "# rows" })}
          </Text>
        </>
      )}
    </Modal>
  );
}
