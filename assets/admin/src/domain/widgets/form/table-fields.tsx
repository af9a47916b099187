import { t } from "@lingui/core/macro";
import { MultiSelect, Select, TagsInput, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent } from "react";
import { useInputProps, type FieldProps, type FieldRenderer } from "@/domain/schema-form/context";
import { useCan } from "@/lib/api/me";
import type { Column, DataQueryDraft, JsonObject, SchemaTable, WidgetType } from "@/lib/api/model";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { textOf } from "../kinds/config";
import { hasTable } from "./config-schema";
import { ReferenceField } from "./reference-field";
import { referenceOf, tableTitle } from "./references";
import { tableRead } from "./table-read";

/** Returns the tables that an editable table may change: those of its query's datasource. */
function useTablesOf(type: WidgetType, datasourceID: string | undefined): readonly SchemaTable[] {
  const can = useCan();
  const wanted = hasTable(type) && datasourceID !== undefined;
  const schema = useDatasourceSchema(datasourceID, { enabled: wanted && can("datasource:read") });
  return wanted ? (schema.data?.items ?? []).filter(({ kind }) => !kind.includes("view")) : [];
}

interface TableSettings {
  type: WidgetType;
  query: Pick<DataQueryDraft, "datasourceID" | "options"> | undefined;
  columns: readonly Column[];
  config: JsonObject;
  readOnly: boolean;
  onConfig: (config: JsonObject) => void;
}

/** Returns the tables for {@link tableRenderers}, and selects the one that the query reads if none is selected. */
export function useTables({ type, query, columns, config, readOnly, onConfig }: TableSettings) {
  const tables = useTablesOf(type, query?.datasourceID);
  const isOpen = !readOnly && hasTable(type) && textOf(config, "table") === "";
  const sql = query?.options["sql"];
  const read = isOpen && typeof sql === "string" ? tableRead(sql, tables) : null;
  const select = useEffectEvent((table: SchemaTable) =>
    onConfig(settingsFor(table, tables, columns, config)),
  );
  const isReady = columns.length > 0;
  useEffect(() => {
    if (read && isReady) select(read);
  }, [read, isReady]);
  return tables;
}

interface TableFields {
  tables: readonly SchemaTable[];
  /** The columns of the query's result. */
  columns: readonly Column[];
  config: JsonObject;
  onConfig: (config: JsonObject) => void;
}

/** Whether the database sets a column of new rows itself. */
const isGenerated = ({ default: standard, type, generated }: SchemaTable["columns"][number]) =>
  generated === "identity" ||
  /^(generated|nextval|uuid|gen_random|auto_increment)/i.test(standard ?? "") ||
  /serial/i.test(type);

/** The maximum number of choices of a column. */
const MOST_CHOICES = 200;

/** Returns the settings for a table: its key, and the columns that the query returns. */
export function settingsFor(
  table: SchemaTable,
  tables: readonly SchemaTable[],
  columns: readonly Column[],
  config: JsonObject,
): JsonObject {
  const key = table.columns.filter(({ primaryKey }) => primaryKey);
  const known = new Map(table.columns.map((column) => [column.name, column]));
  const names = columns.length ? columns.map(({ name }) => name) : table.columns.map(({ name }) => name);
  const editing = (name: string) => {
    const column = known.get(name);
    if (!column || column.generated === "computed") return "never";
    // A key that is left empty in a new row gets the database's next one, if it counts them.
    if (column.primaryKey) return isGenerated(column) ? "never" : "newRows";
    return "always";
  };
  return {
    ...config,
    schema: table.schema ?? null,
    table: table.name,
    key: key.map(({ name }) => name),
    columns: names.map((field) => {
      const values = known.get(field)?.values?.slice(0, MOST_CHOICES) ?? [];
      const column = known.get(field);
      const references = column ? referenceOf(column, table, tables) : null;
      if (references) return { field, editing: editing(field), references };
      return { field, editing: editing(field), ...(values.length ? { choices: values } : {}) };
    }),
  };
}

function TableField({ tables, columns, config, onConfig, ...props }: FieldProps & TableFields) {
  const input = useInputProps(props);
  const chosen = textOf(config, "table");
  if (tables.length === 0)
    return (
      <TextInput
        {...input}
        value={chosen}
        spellCheck={false}
        placeholder={t`table`}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
    );
  const schema = textOf(config, "schema") || null;
  const found = tables.find((table) => table.name === chosen && (schema === null || table.schema === schema));
  return (
    <Select
      {...input}
      data={tables.map(tableTitle)}
      value={found ? tableTitle(found) : null}
      placeholder={chosen || t`Select a table`}
      searchable={tables.length > 8}
      allowDeselect={false}
      onChange={(name) => {
        const table = tables.find((one) => tableTitle(one) === name);
        if (table) onConfig(settingsFor(table, tables, columns, config));
      }}
    />
  );
}

function ColumnsField({ columns, ...props }: FieldProps & { columns: readonly Column[] }) {
  const input = useInputProps(props);
  const value = Array.isArray(props.value) ? props.value.map(String) : [];
  if (columns.length === 0) return <TagsInput {...input} value={value} onChange={props.onChange} />;
  const data = [...new Set([...columns.map(({ name }) => name), ...value])];
  return <MultiSelect {...input} data={data} value={value} onChange={props.onChange} />;
}

/** Renders settings that name a table, and its columns. */
export function tableRenderers(fields: TableFields): Record<string, FieldRenderer> {
  return {
    table: (props) => <TableField {...props} {...fields} />,
    columns: (props) => <ColumnsField {...props} columns={fields.columns} />,
    reference: (props) => <ReferenceField {...props} tables={fields.tables} />,
  };
}
