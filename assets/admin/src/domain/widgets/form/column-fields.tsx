import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import {
  useFormContext,
  useInputProps,
  type FieldProps,
  type FieldRenderer,
} from "@/domain/schema-form/context";
import { ObjectFields } from "@/domain/schema-form/object-fields";
import type { Column, JsonObject } from "@/lib/api/model";
import { useRowIds } from "@/lib/draft";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { hasErrorBelow, joinPath } from "@/lib/schema/paths";
import { resolve } from "@/lib/schema/schema-fields";
import { MoveHandle, movedTo, useReorder, type Reorder } from "@/ui/input/reorder";
import classes from "./widget-form.module.css";

interface PickColumnProps {
  columns: readonly Column[];
  value: unknown;
  onChange: (name: string | undefined) => void;
  label?: React.ReactNode;
  ariaLabel?: string;
  error?: string | undefined;
  description?: React.ReactNode;
  withAsterisk?: boolean;
}

/** Selects one of the result's columns; edits its name as text while they are unknown. */
function PickColumn({ columns, value, onChange, ariaLabel, ...input }: PickColumnProps) {
  const chosen = typeof value === "string" ? value : "";
  const common = { ...input, ...(ariaLabel ? { "aria-label": ariaLabel } : {}) };
  if (columns.length === 0)
    return (
      <TextInput
        {...common}
        value={chosen}
        placeholder={t`column`}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    );
  const names = columns.map(({ name }) => name);
  const gone = chosen !== "" && !names.includes(chosen);
  return (
    <Select
      {...common}
      data={gone ? [chosen, ...names] : names}
      value={chosen || null}
      error={input.error ?? (gone ? t`This column is not in the result` : undefined)}
      placeholder={t`Select a column`}
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

/** The settings of a column that are on its line; the others are collapsed. */
const AT_HAND = ["field", "label"];

/** The collapsed settings of a column. */
function furtherSchema(item: JsonSchema): JsonSchema | null {
  const further = Object.entries(item.properties ?? {}).filter(([name]) => !AT_HAND.includes(name));
  return further.length ? { ...item, properties: Object.fromEntries(further), required: [] } : null;
}

/** Edits an ordered list of columns, each with its label and further settings behind a button. */
function MarksField({ columns, ...props }: FieldProps & { columns: readonly Column[] }) {
  const { root, errors } = useFormContext();
  const { path, label, schema, required, value, onChange } = props;
  const marks = (Array.isArray(value) ? value : []) as JsonObject[];
  const ids = useRowIds(marks);
  const item = schema.items ? resolve(schema.items, root).schema : {};
  const unused = columns.filter(({ name }) => !marks.some((mark) => mark["field"] === name));
  const set = (index: number, next: JsonObject) =>
    onChange(marks.map((mark, at) => (at === index ? next : mark)));
  const reorder = useReorder(marks.length, (from, to) => onChange(movedTo(marks, from, to)));
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={schema.description}
      error={errors[path]}
      withAsterisk={required}
    >
      <Stack gap="xs" mt={4}>
        {marks.map((mark, index) => (
          <MarkLine
            key={ids[index]}
            columns={columns}
            words={`${label} ${index + 1}`}
            path={joinPath(path, index)}
            further={furtherSchema(item)}
            mark={mark}
            onChange={(next) => set(index, next)}
            index={index}
            reorder={reorder}
            onRemove={() => onChange(marks.filter((_, at) => at !== index))}
          />
        ))}
        <Group gap="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...marks, { field: unused[0]?.name ?? "" }])}
          >
            <Trans>Add</Trans>
          </Button>
          {unused.length > 1 && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() =>
                onChange([...marks, ...unused.slice(0, 20).map(({ name }) => ({ field: name }))])
              }
            >
              <Trans>Add all columns</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

interface MarkLineProps {
  columns: readonly Column[];
  words: string;
  path: string;
  further: JsonSchema | null;
  mark: JsonObject;
  onChange: (mark: JsonObject) => void;
  index: number;
  reorder: Reorder;
  onRemove: () => void;
}

function MarkLine({
  columns,
  words,
  path,
  further,
  mark,
  onChange,
  index,
  reorder,
  onRemove,
}: MarkLineProps) {
  const { errors } = useFormContext();
  const [opened, setOpened] = useState(false);
  const shown =
    opened || (further !== null && hasErrorBelow(errors, path) && !errors[joinPath(path, "field")]);
  return (
    <div {...reorder.row(index)}>
      <div className={classes.markLine}>
        <div className={classes.markFields}>
          <PickColumn
            columns={columns}
            ariaLabel={t`Column of ${words}`}
            value={mark["field"]}
            error={errors[joinPath(path, "field")]}
            withAsterisk
            onChange={(field) => onChange({ ...mark, field: field ?? "" })}
          />
          <TextInput
            aria-label={t`Label of ${words}`}
            placeholder={String(mark["field"] || t`Label`)}
            value={typeof mark["label"] === "string" ? mark["label"] : ""}
            onChange={(event) => onChange({ ...mark, label: event.currentTarget.value || undefined })}
          />
        </div>
        <Group gap={0} wrap="nowrap">
          {further && (
            <ActionIcon
              aria-label={t`More settings of ${words}`}
              aria-expanded={shown}
              variant={shown ? "light" : "subtle"}
              onClick={() => setOpened(!opened)}
            >
              <IconAdjustmentsHorizontal size={14} />
            </ActionIcon>
          )}
          <MoveHandle {...reorder.handle(index)} label={words} disabled={false} size={28} />
          <ActionIcon size={28} aria-label={t`Remove ${words}`} onClick={onRemove}>
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      </div>
      {further && shown && (
        <div className={classes.markMore}>
          <ObjectFields schema={further} path={path} value={mark} onChange={(next) => onChange(next)} />
        </div>
      )}
    </div>
  );
}

/** Renders settings that name columns as selects. */
export function columnRenderers(columns: readonly Column[]): Record<string, FieldRenderer> {
  return {
    column: (props) => <ColumnField {...props} columns={columns} />,
    marks: (props) => <MarksField {...props} columns={columns} />,
  };
}
