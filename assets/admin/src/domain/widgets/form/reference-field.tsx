import { t } from "@lingui/core/macro";
import { Group, Select, Stack } from "@mantine/core";
import { useFormContext, useInputProps, type FieldProps } from "@/domain/schema-form/context";
import type { JsonObject, SchemaTable } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { textOf } from "../kinds/config";
import { referenceTo, tableTitle } from "./references";

/** Selects the table whose rows a column refers to, its key and the column with the labels. */
export function ReferenceField({ tables, ...props }: FieldProps & { tables: readonly SchemaTable[] }) {
  const input = useInputProps(props);
  const value: JsonObject | null = isObject(props.value) ? props.value : null;
  const found =
    value &&
    tables.find(
      ({ name, schema }) =>
        name === value["table"] && (schema ?? null) === (value["schema"] ?? schema ?? null),
    );
  const chosen = value ? tableTitle({ name: textOf(value, "table"), schema: found?.schema ?? null }) : null;
  const titles = tables.map(tableTitle);
  return (
    <Stack gap={4}>
      <Select
        {...input}
        data={chosen && !titles.includes(chosen) ? [chosen, ...titles] : titles}
        value={chosen}
        placeholder={t`No table`}
        searchable={titles.length > 8}
        clearable
        onChange={(title) => {
          const table = tables.find((one) => tableTitle(one) === title);
          props.onChange(table ? referenceTo(table) : undefined);
        }}
      />
      {value && (
        <Group grow gap="xs" align="flex-start">
          <ReferencedColumn {...props} name="key" label={t`Key column`} table={found} value={value} />
          <ReferencedColumn {...props} name="label" label={t`Label column`} table={found} value={value} />
        </Group>
      )}
    </Stack>
  );
}

interface ReferencedColumnProps extends Pick<FieldProps, "path" | "onChange"> {
  name: "key" | "label";
  label: string;
  table: SchemaTable | null | undefined;
  value: JsonObject;
}

function ReferencedColumn({ name, label, path, table, value, onChange }: ReferencedColumnProps) {
  const { errors } = useFormContext();
  const chosen = textOf(value, name);
  const names = table?.columns.map((column) => column.name) ?? [];
  return (
    <Select
      size="xs"
      label={label}
      data={chosen && !names.includes(chosen) ? [chosen, ...names] : names}
      value={chosen || null}
      error={errors[joinPath(path, name)]}
      searchable={names.length > 8}
      onChange={(next) => onChange({ ...value, [name]: next ?? "" })}
    />
  );
}
