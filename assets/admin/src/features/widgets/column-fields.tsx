import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { Column, JsonObject } from "@/lib/api/model";
import { choicesOf, resolve } from "@/lib/json-schema";
import { joinPath } from "@/lib/paths";
import { useFormContext, useInputProps, type FieldProps, type FieldRenderer } from "@/ui/schema-form/context";
import classes from "./widgets.module.css";

interface PickColumnProps {
  columns: readonly Column[];
  value: unknown;
  onChange: (name: string | undefined) => void;
  label?: React.ReactNode;
  ariaLabel?: string;
  error?: string | undefined;
  description?: React.ReactNode;
  withAsterisk?: boolean;
  disabled?: boolean;
}

/** One of the result's columns; while they are not known, its name as text. */
function PickColumn({ columns, value, onChange, ariaLabel, ...input }: PickColumnProps) {
  const chosen = typeof value === "string" ? value : "";
  const common = { ...input, ...(ariaLabel ? { "aria-label": ariaLabel } : {}) };
  if (columns.length === 0) return <TextInput {...common} value={chosen} placeholder="column" spellCheck={false} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
  const names = columns.map(({ name }) => name);
  const gone = chosen !== "" && !names.includes(chosen);
  return (
    <Select
      {...common}
      data={gone ? [chosen, ...names] : names}
      value={chosen || null}
      error={input.error ?? (gone ? "The result has no such column" : undefined)}
      placeholder="Choose a column"
      searchable={names.length > 8}
      clearable={!input.withAsterisk}
      onChange={(name) => onChange(name ?? undefined)}
    />
  );
}

function ColumnField({ columns, ...props }: FieldProps & { columns: readonly Column[] }) {
  const input = useInputProps(props);
  return <PickColumn {...input} columns={columns} value={props.value} onChange={props.onChange} />;
}

/** Columns in order, each with its words and, where the schema has one, its format. */
function MarksField({ columns, ...props }: FieldProps & { columns: readonly Column[] }) {
  const { root, errors, disabled } = useFormContext();
  const { path, label, schema, required, value, onChange } = props;
  const marks = (Array.isArray(value) ? value : []) as JsonObject[];
  const item = schema.items ? resolve(schema.items, root).schema : {};
  const formats = item.properties?.["format"] ? choicesOf(resolve(item.properties["format"], root).schema) : null;
  const unused = columns.filter(({ name }) => !marks.some((mark) => mark["field"] === name));

  const set = (index: number, change: JsonObject) => onChange(marks.map((mark, at) => (at === index ? { ...mark, ...change } : mark)));
  const swap = (index: number) => onChange(marks.map((mark, at) => (at === index ? marks[index - 1] : at === index - 1 ? marks[index] : mark)));
  return (
    <Input.Wrapper label={label} labelElement="div" description={schema.description} error={errors[path]} withAsterisk={required}>
      <Stack gap="sm" mt={4}>
        {marks.map((mark, index) => {
          const words = `${label} ${index + 1}`;
          const currency = mark["format"] === "currency";
          return (
            <div key={index} className={classes.mark}>
              <div className={classes.markFields}>
                <PickColumn columns={columns} ariaLabel={`Column of ${words}`} value={mark["field"]} error={errors[joinPath(joinPath(path, index), "field")]} disabled={disabled} withAsterisk onChange={(field) => set(index, { field: field ?? "" })} />
                <TextInput aria-label={`Label of ${words}`} placeholder={String(mark["field"] || "Label")} disabled={disabled} value={typeof mark["label"] === "string" ? mark["label"] : ""} onChange={(event) => set(index, { label: event.currentTarget.value || undefined })} />
                {formats && <Select aria-label={`Format of ${words}`} data={formats.map((choice) => ({ value: String(choice.value), label: choice.label }))} value={String(mark["format"] ?? "auto")} allowDeselect={false} disabled={disabled} onChange={(format) => set(index, { format, ...(format === "currency" ? {} : { currency: undefined }) })} />}
                {currency && <TextInput aria-label={`Currency of ${words}`} placeholder="EUR" maxLength={3} disabled={disabled} value={typeof mark["currency"] === "string" ? mark["currency"] : ""} onChange={(event) => set(index, { currency: event.currentTarget.value.toUpperCase() || undefined })} />}
              </div>
              {!disabled && (
                <Group gap={0} wrap="nowrap">
                  <ActionIcon variant="transparent" aria-label={`Move ${words} up`} disabled={index === 0} onClick={() => swap(index)}>
                    <IconArrowUp size={14} />
                  </ActionIcon>
                  <ActionIcon variant="transparent" aria-label={`Move ${words} down`} disabled={index === marks.length - 1} onClick={() => swap(index + 1)}>
                    <IconArrowDown size={14} />
                  </ActionIcon>
                  <ActionIcon variant="transparent" aria-label={`Remove ${words}`} onClick={() => onChange(marks.filter((_, at) => at !== index))}>
                    <IconTrash size={14} />
                  </ActionIcon>
                </Group>
              )}
            </div>
          );
        })}
        {!disabled && (
          <Group gap="sm">
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => onChange([...marks, { field: unused[0]?.name ?? "" }])}>
              Add
            </Button>
            {unused.length > 1 && (
              <Button size="xs" variant="subtle" color="gray" onClick={() => onChange([...marks, ...unused.slice(0, 20).map(({ name }) => ({ field: name }))])}>
                Add all columns
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** Draws the settings that name columns, with the columns there are to choose from. */
export function columnRenderers(columns: readonly Column[]): Record<string, FieldRenderer> {
  return {
    column: (props) => <ColumnField {...props} columns={columns} />,
    marks: (props) => <MarksField {...props} columns={columns} />,
  };
}
