import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select, Text } from "@mantine/core";
import type { FileColumnChoice, FilePreviewColumn, FilePreviewTable } from "@/lib/api/model";
import { isNumber } from "@/lib/format/decimals";
import { formatNumber } from "@/lib/format/format";
import { columnTypes } from "./column-types";
import classes from "./file-preview.module.css";

type Type = FileColumnChoice["type"];

interface PreviewTableProps {
  table: FilePreviewTable;
  columns: FileColumnChoice[];
  readOnly: boolean;
  onColumns: (columns: FileColumnChoice[]) => void;
}

/** Whether a value is a number, also one that no double holds. */
const isAmount = (value: unknown, column: FilePreviewColumn | undefined) =>
  typeof value === "number" || (/^(integer|real)$/.test(column?.type ?? "") && isNumber(value));

/** Shows the first rows of a table, each column with its type, which can be changed. */
export function PreviewTable({ table, columns, readOnly, onColumns }: PreviewTableProps) {
  const shown = table.rows.length;
  const all = formatNumber(table.totalRows);
  const declare = (name: string, type: Type | null) =>
    onColumns([...columns.filter((column) => column.name !== name), ...(type ? [{ name, type }] : [])]);
  if (table.columns.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        <Trans>No columns.</Trans>
      </Text>
    );
  }
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t`First rows`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.row}>
                <Trans>Row</Trans>
              </th>
              {table.columns.map((column) => (
                <ColumnHead
                  key={column.name}
                  column={column}
                  readOnly={readOnly}
                  onType={(type) => declare(column.name, type)}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(({ row, values }) => (
              <tr key={row}>
                <th scope="row" className={classes.row}>
                  {row}
                </th>
                {values.map((value, at) => (
                  <td key={at} data-number={isAmount(value, table.columns[at]) || undefined}>
                    {value === null ? <span className={classes.missing}>{t`no value`}</span> : String(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown < table.totalRows && (
        <Text size="xs" c="var(--jet-muted)">
          <Trans>
            Showing the first {shown} of {all} rows.
          </Trans>
        </Text>
      )}
    </>
  );
}

function ColumnHead({
  column,
  readOnly,
  onType,
}: {
  column: FilePreviewColumn;
  readOnly: boolean;
  onType: (type: Type | null) => void;
}) {
  const { name, type, isDeclared } = column;
  const found = columnTypes[type];
  const choices = (Object.keys(columnTypes) as Type[]).map((value) => ({
    value,
    label: columnTypes[value],
  }));
  const automatic = isDeclared ? t`Detect` : t`${found} (detected)`;
  return (
    <th scope="col">
      <span className={classes.name} title={name}>
        {name}
      </span>
      {readOnly ? (
        <Text size="xs" c="var(--jet-muted)" fw={400}>
          {found}
        </Text>
      ) : (
        <Select
          size="xs"
          variant="unstyled"
          aria-label={t`Type of ${name}`}
          comboboxProps={{ width: 180, position: "bottom-start" }}
          data={[{ value: "auto", label: automatic }, ...choices]}
          value={isDeclared ? type : "auto"}
          onChange={(next) => onType(next === "auto" ? null : (next as Type))}
        />
      )}
    </th>
  );
}
