import { t } from "@lingui/core/macro";
import { MultiSelect, Select, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent } from "react";
import { useInputProps, type FieldProps, type FieldRenderer } from "@/domain/schema-form/context";
import { useCan } from "@/lib/api/me";
import type { Column, DataQueryDraft, JsonObject, SchemaTable, WidgetType } from "@/lib/api/model";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { TagsField } from "@/ui/input/tags-field";
import { textOf } from "../kinds/config";
import { settingsFor } from "../kinds/data/grid/draft/table-settings";
import { hasTable } from "./config-schema";
import { ReferenceField } from "./reference-field";
import { tableTitle } from "./references";
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
  if (columns.length === 0) return <TagsField {...input} value={value} onChange={props.onChange} />;
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
