import { t } from "@lingui/core/macro";
import { MultiSelect, Switch, Textarea, TextInput } from "@mantine/core";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { choicesOf } from "@/lib/schema/schema-fields";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { TagsField } from "@/ui/input/tags-field";
import { ChoiceSelect } from "./choice-select";
import { useInputProps, type FieldProps } from "./context";
import { FileText, isFileText } from "./file-text";

const placeholderOf = ({
  "x-placeholder": hint,
  examples,
  default: standard,
}: JsonSchema): string | undefined => {
  const shown = hint ?? examples?.[0] ?? standard;
  return typeof shown === "string" || typeof shown === "number" ? String(shown) : undefined;
};

/** An empty text means no value, unless the schema requires one. */
export const textOrNothing = (text: string, required: boolean) =>
  text === "" && !required ? undefined : text;

export function TextField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, required, onChange } = props;
  const text = ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
  const common = {
    ...input,
    value: text,
    placeholder: placeholderOf(schema),
    spellCheck: false,
    ...(schema.maxLength ? { maxLength: schema.maxLength } : {}),
  };
  if (isFileText(schema))
    return <FileText {...common} onText={(next) => onChange(textOrNothing(next, required))} />;
  if (schema["x-widget"] === "textarea") {
    return (
      <Textarea
        {...common}
        autosize
        minRows={3}
        maxRows={16}
        onChange={(event) => onChange(textOrNothing(event.currentTarget.value, required))}
      />
    );
  }
  return (
    <TextInput
      {...common}
      autoComplete="off"
      onChange={(event) => onChange(textOrNothing(event.currentTarget.value, required))}
    />
  );
}

export function NumberField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, onChange } = props;
  return (
    <ExactNumberInput
      {...input}
      value={value}
      placeholder={placeholderOf(schema)}
      allowDecimal={schema.type === "number"}
      {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
      {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
      onChange={onChange}
    />
  );
}

export function BooleanField(props: FieldProps) {
  const { withAsterisk: _, ...input } = useInputProps(props);
  const { schema, value, onChange } = props;
  return (
    <Switch
      {...input}
      checked={typeof value === "boolean" ? value : schema.default === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

export function ChoiceField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, required, onChange } = props;
  const choices = choicesOf(schema) ?? [];
  return (
    <ChoiceSelect
      {...input}
      choices={choices.map((choice) => ({ ...choice, value: String(choice.value) }))}
      value={value === undefined && schema.default === undefined ? null : String(value ?? schema.default)}
      clearable={!required && schema.default === undefined}
      onChange={(chosen) => onChange(choices.find((choice) => String(choice.value) === chosen)?.value)}
    />
  );
}

export function ManyChoicesField({ items, ...props }: FieldProps & { items: JsonSchema }) {
  const input = useInputProps(props);
  const choices = choicesOf(items) ?? [];
  const chosen = Array.isArray(props.value) ? props.value.map(String) : [];
  return (
    <MultiSelect
      {...input}
      data={choices.map((choice) => ({ value: String(choice.value), label: choice.label }))}
      value={chosen}
      onChange={(next) =>
        props.onChange(
          choices.filter((choice) => next.includes(String(choice.value))).map((choice) => choice.value),
        )
      }
    />
  );
}

export function TextsField(props: FieldProps) {
  const input = useInputProps(props);
  const values = Array.isArray(props.value) ? props.value.filter((item) => typeof item === "string") : [];
  return (
    <TagsField
      {...input}
      value={values}
      onChange={props.onChange}
      placeholder={values.length ? undefined : t`Type and press Enter`}
      splitChars={[]}
    />
  );
}
