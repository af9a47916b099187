import { Accordion, Stack } from "@mantine/core";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { isEqual } from "@/lib/schema/merge-patch";
import { hasErrorBelow, joinPath } from "@/lib/schema/paths";
import {
  applies,
  fieldsOf,
  fieldGroupsOf,
  initialFields,
  labelOf,
  unionOf,
  type Field,
  type Union,
} from "@/lib/schema/schema-fields";
import { ChoiceSelect } from "./choice-select";
import { useFormContext } from "./context";
import { SchemaField } from "./schema-field";

interface ObjectFieldsProps {
  schema: JsonSchema;
  path: string;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

/** The only item of each accordion. Its value is part of an ID, in which spaces are not allowed. */
const ONLY = "fields";

/** Edits the fields of an object, and of the selected variant if the object is also a tagged union. */
export function ObjectFields({ schema, path, value, onChange }: ObjectFieldsProps) {
  const { root } = useFormContext();
  const union = unionOf(schema, root);
  const fields = fieldsOf(schema, root).filter(({ name }) => name !== union?.discriminator);
  const variant = union?.variants.find((candidate) => candidate.value === value[union.discriminator]);
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = value;
    onChange(next === undefined ? rest : { ...value, [name]: next });
  };
  if (fields.length === 0 && !union) return null;
  return (
    <Stack gap="md">
      <Fields fields={fields} path={path} value={value} onSet={set} />
      {union && <VariantSelect union={union} shared={fields} path={path} value={value} onChange={onChange} />}
      {variant && <Fields fields={variant.fields} path={path} value={value} onSet={set} />}
    </Stack>
  );
}

interface FieldsProps {
  fields: Field[];
  path: string;
  value: Record<string, unknown>;
  onSet: (name: string, value: unknown) => void;
}

function Fields({ fields, path, value, onSet }: FieldsProps) {
  const { errors, secrets } = useFormContext();
  // Errors must be visible, even at a field that is not relevant.
  const shown = fields.filter(
    (field) => applies(field, value, fields) || hasErrorBelow(errors, joinPath(path, field.name)),
  );
  return fieldGroupsOf(shown).map(([group, members]) => {
    const drawn = members.map(({ name, schema, nullable, required }) => (
      // Errors elsewhere on the page lead to the field.
      <div key={name} data-field={joinPath(path, name)} style={{ display: "contents" }}>
        <SchemaField
          name={name}
          path={joinPath(path, name)}
          label={labelOf(name, schema)}
          schema={schema}
          nullable={nullable}
          required={required && !nullable}
          value={value[name]}
          onChange={(next) => onSet(name, next)}
        />
      </div>
    ));
    if (group === null) return drawn;
    const wrong = members.some(({ name }) => hasErrorBelow(errors, joinPath(path, name)));
    const used = members.some(
      ({ name, schema }) =>
        secrets.has(joinPath(path, name)) || !isEqual(value[name] ?? schema.default, schema.default),
    );
    return (
      <Accordion
        key={group}
        variant="default"
        chevronPosition="left"
        defaultValue={used || members.some(({ schema }) => schema["x-open"]) ? ONLY : null}
        {...(wrong ? { value: ONLY } : {})}
      >
        <Accordion.Item value={ONLY}>
          <Accordion.Control>{group}</Accordion.Control>
          {/* Every field of a list has such a group: too many for landmarks. */}
          <Accordion.Panel role="group">
            <Stack gap="md">{drawn}</Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    );
  });
}

interface VariantSelectProps extends Omit<ObjectFieldsProps, "schema"> {
  union: Union;
  /** Returns the fields that every variant has: they keep their values. */
  shared: Field[];
}

function VariantSelect({ union, shared, path, value, onChange }: VariantSelectProps) {
  const { root, errors, secrets } = useFormContext();
  const current = union.variants.find((variant) => variant.value === value[union.discriminator]);

  const choose = (chosen: string | null) => {
    const variant = union.variants.find((candidate) => candidate.value === chosen);
    if (!variant) return;
    const has = (name: string) => [...shared, ...variant.fields].some((field) => field.name === name);
    // Clears the secrets of the old variant: if they were just absent, they would stay set.
    const cleared = (current?.fields ?? [])
      .filter(({ name }) => secrets.has(joinPath(path, name)) && !has(name))
      .map(({ name }) => [name, null]);
    const kept = [...shared, ...variant.fields]
      .filter(({ name }) => value[name] !== undefined)
      .map(({ name }) => [name, value[name]]);
    onChange({
      ...initialFields(variant.fields, root),
      ...Object.fromEntries([...kept, ...cleared]),
      [union.discriminator]: variant.value,
    });
  };

  return (
    <ChoiceSelect
      label={union.title}
      choices={union.variants.map(({ value: of, title, description }) => ({
        value: of,
        label: title,
        ...(description ? { description } : {}),
      }))}
      value={current?.value ?? null}
      onChange={choose}
      error={errors[joinPath(path, union.discriminator)]}
    />
  );
}
