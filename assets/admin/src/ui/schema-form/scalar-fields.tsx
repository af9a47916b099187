import { FileInput, MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { JsonSchema } from "@/lib/api/json-schema";
import { choicesOf } from "@/lib/json-schema";
import { CodeEditor } from "../code-editor/code-editor";
import { prose } from "../prose";
import { useFormContext, useInputProps, type FieldProps } from "./context";

const placeholderOf = ({ "x-placeholder": hint, examples, default: standard }: JsonSchema): string | undefined => {
  const shown = hint ?? examples?.[0] ?? standard;
  return typeof shown === "string" || typeof shown === "number" ? String(shown) : undefined;
};

/** An empty text is no value, except where the schema demands one. */
const textOrNothing = (text: string, required: boolean) => (text === "" && !required ? undefined : text);

export function TextField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, required, onChange } = props;
  const text = ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
  const common = { ...input, value: text, placeholder: placeholderOf(schema), spellCheck: false, ...(schema.maxLength ? { maxLength: schema.maxLength } : {}) };
  if (schema["x-widget"] === "textarea") {
    return <Textarea {...common} autosize minRows={3} maxRows={16} onChange={(event) => onChange(textOrNothing(event.currentTarget.value, required))} />;
  }
  return <TextInput {...common} autoComplete="off" onChange={(event) => onChange(textOrNothing(event.currentTarget.value, required))} />;
}

export function NumberField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, onChange } = props;
  return (
    <NumberInput
      {...input}
      value={typeof value === "number" ? value : ""}
      placeholder={placeholderOf(schema)}
      allowDecimal={schema.type === "number"}
      allowNegative={(schema.minimum ?? -1) < 0}
      clampBehavior="none"
      onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
    />
  );
}

export function BooleanField(props: FieldProps) {
  const { withAsterisk: _, ...input } = useInputProps(props);
  const { schema, value, onChange } = props;
  return <Switch {...input} checked={typeof value === "boolean" ? value : schema.default === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

export function ChoiceField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, required, onChange } = props;
  const choices = choicesOf(schema) ?? [];
  const current = choices.find((choice) => choice.value === (value ?? schema.default));
  return (
    <Select
      {...input}
      description={current?.description ?? input.description}
      data={choices.map((choice) => ({ value: String(choice.value), label: choice.label }))}
      value={current ? String(current.value) : null}
      allowDeselect={false}
      clearable={!required && schema.default === undefined}
      searchable={choices.length > 8}
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
      onChange={(next) => props.onChange(choices.filter((choice) => next.includes(String(choice.value))).map((choice) => choice.value))}
    />
  );
}

export function TagsField(props: FieldProps) {
  const input = useInputProps(props);
  const values = Array.isArray(props.value) ? props.value.filter((item) => typeof item === "string") : [];
  return <TagsInput {...input} value={values} onChange={props.onChange} placeholder={values.length ? undefined : "Type and press Enter"} splitChars={[]} />;
}

export function CodeField(props: FieldProps) {
  const { errors, disabled } = useFormContext();
  const { schema, value, label, path, required, onChange } = props;
  return (
    <CodeEditor
      label={label}
      description={prose(schema.description)}
      error={errors[path]}
      required={required}
      readOnly={disabled}
      language={schema["x-language"] ?? "javascript"}
      value={typeof value === "string" ? value : ""}
      onChange={(text) => onChange(textOrNothing(text, required))}
      maxHeight={360}
    />
  );
}

/** Anything: as JSON text, sent on as soon as it parses. */
export function JsonField(props: FieldProps) {
  const { errors, disabled } = useFormContext();
  const { schema, value, label, path, required, onChange } = props;
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [broken, setBroken] = useState<string | null>(null);

  const change = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === "" ? undefined : JSON.parse(next));
      setBroken(null);
    } catch {
      setBroken("Not yet valid JSON");
    }
  };

  return (
    <CodeEditor label={label} description={prose(schema.description)} error={broken ?? errors[path]} required={required} readOnly={disabled} language="json" value={text} onChange={change} maxHeight={360} minHeight={64} />
  );
}

/** A text file's content as the value: certificates, keys. */
export function FileField(props: FieldProps) {
  const { schema, value, onChange } = props;
  const input = useInputProps(props);
  const [name, setName] = useState<string | null>(null);
  if (schema.writeOnly === undefined && typeof value === "string" && name === null) return <TextField {...props} schema={{ ...schema, "x-widget": "textarea" }} />;
  return (
    <FileInput
      {...input}
      clearable
      placeholder={name ?? "Choose a file"}
      onChange={(file) => {
        setName(file?.name ?? null);
        if (file) void file.text().then(onChange);
        else onChange(undefined);
      }}
    />
  );
}
