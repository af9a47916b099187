import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Input, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useDraft, useRowIds } from "@/lib/draft";
import { isObject } from "@/lib/is-object";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { hasErrorBelow, joinPath } from "@/lib/schema/paths";
import {
  choicesOf,
  fieldsOf,
  initialValue,
  labelOf,
  resolve,
  templatedOf,
  unionOf,
  type Field,
} from "@/lib/schema/schema-fields";
import { MoveHandle, movedTo, useReorder } from "@/ui/input/reorder";
import { prose } from "@/ui/text/prose";
import { useFormContext, type FieldProps } from "./context";
import { Foldable, useFolding } from "./foldable";
import { ObjectFields } from "./object-fields";
import { SchemaField } from "./schema-field";
import classes from "./schema-form.module.css";

/** Whether a field fits on a line with others. */
function isShort({ schema }: Field, root: JsonSchema): boolean {
  const { type, format, "x-widget": widget } = templatedOf(schema, root) ?? schema;
  return (
    widget === undefined &&
    format !== "pem" &&
    !schema.writeOnly &&
    (["string", "number", "integer"].includes(String(type)) || choicesOf(schema) !== null)
  );
}

/** Edits a list of objects: one line each if they are short, else one block each. */
export function ListField({ items, ...props }: FieldProps & { items: JsonSchema }) {
  const { root, errors } = useFormContext();
  const { path, label, schema, required, value, onChange } = props;
  const list: unknown[] = Array.isArray(value) ? value : [];
  const ids = useRowIds(list);
  const fields = fieldsOf(items, root);
  const inline = fields.length <= 3 && fields.every((field) => isShort(field, root)) && !unionOf(items, root);
  // One after another, the blocks of many fields are too long to find one.
  const folds = !inline && fields.length >= FOLDING_FIELDS;
  const { isOpen, toggle } = useFolding(ids);
  const set = (index: number, next: unknown) =>
    onChange(list.map((item, at) => (at === index ? next : item)));
  const reorder = useReorder(list.length, (from, to) => onChange(movedTo(list, from, to)));
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={prose(schema.description)}
      error={errors[path]}
      withAsterisk={required}
    >
      <Stack gap={inline ? "sm" : 0}>
        {list.map((item, index) => {
          const name = `${label} ${index + 1}`;
          const id = ids[index] ?? index;
          const row = {
            path: joinPath(path, index),
            value: isObject(item) ? item : {},
            onChange: (next: unknown) => set(index, next),
          };
          return (
            <div
              key={ids[index]}
              {...reorder.row(index)}
              role="group"
              aria-label={name}
              className={inline ? classes.row : `${classes.row} ${classes.item}`}
              data-folds={folds || undefined}
            >
              {inline && <InlineRow fields={fields} headed={index === 0} {...row} />}
              {!inline && !folds && <ObjectFields schema={items} {...row} />}
              {folds && (
                <Foldable
                  title={titleOf(row.value) || name}
                  about={kindOf(row.value, fields, root)}
                  open={isOpen(id) || hasErrorBelow(errors, row.path)}
                  onToggle={() => toggle(id)}
                >
                  <ObjectFields schema={items} {...row} />
                </Foldable>
              )}
              <MoveHandle {...reorder.handle(index)} label={name} offset={inline && index === 0} />
              <RemoveButton
                label={name}
                offset={inline && index === 0}
                onClick={() => onChange(list.filter((_, at) => at !== index))}
              />
            </div>
          );
        })}
        <AddButton onClick={() => onChange([...list, initialValue(items, root) ?? {}])} />
      </Stack>
    </Input.Wrapper>
  );
}

/** The least number of fields with which the items of a list fold. */
const FOLDING_FIELDS = 5;

/** Returns what an item calls itself. */
const titleOf = (item: Record<string, unknown>): string =>
  [item["label"], item["title"], item["name"], item["field"]].find(
    (text): text is string => typeof text === "string" && text.trim() !== "",
  ) ?? "";

/** Returns the label of an item's type. */
function kindOf(item: Record<string, unknown>, fields: readonly Field[], root: JsonSchema): string {
  const type = fields.find(({ name }) => name === "type");
  const choices = type && choicesOf(resolve(type.schema, root).schema);
  return choices?.find(({ value }) => value === item["type"])?.label ?? "";
}

interface InlineRowProps {
  fields: Field[];
  headed: boolean;
  path: string;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

function InlineRow({ fields, headed, path, value, onChange }: InlineRowProps) {
  return (
    <div className={classes.cells}>
      {fields.map(({ name, schema, required, nullable }) => {
        const label = labelOf(name, schema);
        return (
          <div key={name}>
            {headed && (
              <Input.Label component="div" required={required}>
                {label}
              </Input.Label>
            )}
            <SchemaField
              name={name}
              path={joinPath(path, name)}
              label={label}
              bare
              schema={schema}
              required={required}
              nullable={nullable}
              value={value[name]}
              onChange={(next) =>
                onChange(next === undefined ? without(value, name) : { ...value, [name]: next })
              }
            />
          </div>
        );
      })}
    </div>
  );
}

function without(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _, ...rest } = value;
  return rest;
}

type Line = [key: string, value: unknown];

/** Edits an object with arbitrary keys: one line for each. */
export function MapField({ values, ...props }: FieldProps & { values: JsonSchema }) {
  const { errors } = useFormContext();
  const { path, label, schema, value, required, onChange } = props;
  // Lines keep their order and may be incomplete; only named ones are in the value.
  const { draft: lines, change } = useDraft<unknown, Line[]>({
    value,
    print: (entries) => (isObject(entries) ? Object.entries(entries) : []),
    parse: (all) => ({ value: Object.fromEntries(all.filter(([key]) => key !== "")) }),
    onChange,
  });
  const ids = useRowIds(lines);
  const set = (index: number, line: Line) => change(lines.map((old, at) => (at === index ? line : old)));
  const reorder = useReorder(lines.length, (from, to) => change(movedTo(lines, from, to)));

  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={prose(schema.description)}
      error={errors[path]}
      withAsterisk={required}
    >
      <Stack gap="sm">
        {lines.map(([key, item], index) => (
          <div key={ids[index]} {...reorder.row(index)} className={classes.row}>
            <div className={classes.cells}>
              <TextInput
                aria-label={t`Name of entry ${index + 1}`}
                placeholder={t`Name`}
                value={key}
                spellCheck={false}
                onChange={(event) => set(index, [event.currentTarget.value, item])}
              />
              <SchemaField
                name={key}
                path={joinPath(path, key)}
                label={t`Value of ${key || t`line ${index + 1}`}`}
                bare
                schema={values}
                nullable={false}
                required={false}
                value={item}
                onChange={(next) => set(index, [key, next ?? ""])}
              />
            </div>
            <MoveHandle {...reorder.handle(index)} label={key || t`line ${index + 1}`} />
            <RemoveButton
              label={key || t`line ${index + 1}`}
              onClick={() => change(lines.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <AddButton onClick={() => change([...lines, ["", ""]])} />
      </Stack>
    </Input.Wrapper>
  );
}

export function RemoveButton({
  label,
  onClick,
  offset = false,
}: {
  label: string;
  onClick: () => void;
  offset?: boolean;
}) {
  return (
    <ActionIcon size={32} mt={offset ? 24 : 0} aria-label={t`Remove ${label}`} onClick={onClick}>
      <IconTrash size={16} />
    </ActionIcon>
  );
}

export function AddButton({ onClick }: { onClick: () => void }) {
  return (
    <div>
      <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={onClick}>
        <Trans>Add</Trans>
      </Button>
    </div>
  );
}
