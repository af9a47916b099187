import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Checkbox, NumberInput, Select, Text, TextInput } from "@mantine/core";
import type { FilePreviewTable, ImportType, SchemaTable } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import type { ColumnChoice, Key } from "./draft";
import classes from "./table.module.css";
import { importTypes } from "./types";

interface ColumnsProps {
  preview: FilePreviewTable;
  columns: readonly ColumnChoice[];
  /** The table that rows are appended to; null for a new one. */
  existing: SchemaTable | null;
  /** Whether the database has exact decimals. */
  hasDecimals: boolean;
  columnKey: Key;
  errors: FieldErrors;
  disabled: boolean;
  onChange: (columns: ColumnChoice[]) => void;
}

/** The columns of the file: which of them are imported, under which name, and as what. */
export function Columns({ columns, onChange, errors, ...others }: ColumnsProps) {
  const imported = columns.filter(({ name }) => name !== null);
  return (
    <section aria-label={t`Columns`} className={classes.scroll} tabIndex={0}>
      <table className={classes.columns}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Column of the file</Trans>
            </th>
            <th scope="col">
              <Trans>Column of the table</Trans>
            </th>
            <th scope="col">
              <Trans>Type</Trans>
            </th>
            {!others.existing && (
              <th scope="col">
                <Trans>Required</Trans>
              </th>
            )}
            <th scope="col">
              <Trans>First values</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, at) => (
            <Row
              key={column.from}
              {...others}
              column={column}
              at={at}
              error={errorOf(errors, imported.indexOf(column))}
              onChange={(next) => onChange(columns.map((one, other) => (other === at ? next : one)))}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The error of a column, by its position among those that are imported. */
function errorOf(errors: FieldErrors, at: number): string | undefined {
  const found = Object.keys(errors).find((path) => path.startsWith(`columns[${at}]`));
  return found && errors[found];
}

type RowProps = Omit<ColumnsProps, "columns" | "errors" | "onChange"> & {
  column: ColumnChoice;
  at: number;
  error: string | undefined;
  onChange: (column: ColumnChoice) => void;
};

function Row({ column, at, preview, existing, columnKey, disabled, error, onChange, ...rest }: RowProps) {
  const { from, name, type } = column;
  const isKey = typeof columnKey === "object" && columnKey.column === from;
  const isOut = name === null;
  return (
    <tr data-out={isOut || undefined}>
      <th scope="row">
        {existing ? (
          <span className={classes.name}>{from}</span>
        ) : (
          <Checkbox
            label={from}
            checked={!isOut}
            disabled={disabled || isKey}
            onChange={({ currentTarget }) =>
              onChange({ ...column, name: currentTarget.checked ? from : null })
            }
          />
        )}
      </th>
      <td>
        <Target column={column} existing={existing} disabled={disabled} error={error} onChange={onChange} />
      </td>
      <td>
        <Type column={column} disabled={disabled || isOut} onChange={onChange} {...rest} isNew={!existing} />
      </td>
      {!existing && (
        <td>
          <Checkbox
            aria-label={t`${from} is required`}
            checked={isKey || column.required}
            disabled={disabled || isKey || isOut}
            onChange={({ currentTarget }) => onChange({ ...column, required: currentTarget.checked })}
          />
        </td>
      )}
      <td className={classes.values}>
        <FirstValues preview={preview} at={at} isNumber={/^(integer|real|decimal)$/.test(type)} />
      </td>
    </tr>
  );
}

interface TargetProps {
  column: ColumnChoice;
  existing: SchemaTable | null;
  disabled: boolean;
  error: string | undefined;
  onChange: (column: ColumnChoice) => void;
}

function Target({ column, existing, disabled, error, onChange }: TargetProps) {
  const { from, name } = column;
  if (existing)
    return (
      <Select
        size="xs"
        aria-label={t`Column of the table for ${from}`}
        placeholder={t`Not imported`}
        data={existing.columns.map((one) => one.name)}
        value={name}
        clearable
        searchable
        disabled={disabled}
        error={error}
        onChange={(chosen) => onChange({ ...column, name: chosen })}
      />
    );
  return (
    <TextInput
      size="xs"
      aria-label={t`Name of ${from} in the table`}
      value={name ?? ""}
      placeholder={name === null ? t`Not imported` : ""}
      maxLength={63}
      disabled={disabled || name === null}
      error={error}
      onChange={({ currentTarget }) => onChange({ ...column, name: currentTarget.value })}
    />
  );
}

interface TypeProps {
  column: ColumnChoice;
  hasDecimals: boolean;
  isNew: boolean;
  disabled: boolean;
  onChange: (column: ColumnChoice) => void;
}

function Type({ column, hasDecimals, isNew, disabled, onChange }: TypeProps) {
  const { from, type, decimals } = column;
  const types = (Object.keys(importTypes) as ImportType[]).filter((one) => one !== "decimal" || hasDecimals);
  return (
    <div className={classes.type}>
      <Select
        size="xs"
        aria-label={t`Type of ${from}`}
        data={types.map((value) => ({ value, label: importTypes[value] }))}
        comboboxProps={{ width: 220, position: "bottom-start" }}
        value={type}
        disabled={disabled}
        onChange={(next) => next && onChange({ ...column, type: next as ImportType })}
      />
      {type === "decimal" && isNew && (
        <NumberInput
          size="xs"
          w={72}
          aria-label={t`Decimal places of ${from}`}
          min={0}
          max={30}
          allowDecimal={false}
          value={decimals}
          disabled={disabled}
          onChange={(value) => onChange({ ...column, decimals: Number(value) || 0 })}
        />
      )}
    </div>
  );
}

const SHOWN = 3;

function FirstValues({
  preview,
  at,
  isNumber,
}: {
  preview: FilePreviewTable;
  at: number;
  isNumber: boolean;
}) {
  const words = preview.rows
    .slice(0, SHOWN)
    .map(({ values }) => values[at])
    .map((value) => (value === null || value === undefined ? t`no value` : String(value)))
    .join(" · ");
  return (
    <Text size="xs" c="var(--jet-muted)" truncate title={words} data-number={isNumber || undefined}>
      {words}
    </Text>
  );
}
