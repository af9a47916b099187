import { t } from "@lingui/core/macro";
import { Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { toneIn } from "@/lib/format/columns";
import { useDropdownBelowError } from "@/ui/input/same-labels";
import { toneOptions } from "@/ui/input/tone-options";
import { ChoiceField } from "./choice-field";
import type { FormField } from "./form-fields";
import { MomentField } from "./moment-field";
import { NumberField, type CommonProps } from "./number-field";

interface FieldProps {
  /** The key of the form's item on a dashboard. */
  item: string | undefined;
  field: FormField;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** One field of a form. */
export function Field({ item, field, value, error, disabled, onChange }: FieldProps) {
  const { label, type, required, help, placeholder } = field;
  const shown = placeholder ? { placeholder } : {};
  // The unit is part of the name for people who do not see the input.
  const spoken = type === "number" && field.unit ? { "aria-label": t`${label} in ${field.unit}` } : {};
  const common: CommonProps = {
    label,
    description: help || undefined,
    error,
    disabled,
    withAsterisk: required,
    ...spoken,
  };
  const text = typeof value === "string" ? value : "";
  if (type === "select" && field.choices)
    return (
      <ChoiceField
        {...common}
        item={item}
        name={field.name}
        source={field.choices}
        placeholder={placeholder || t`Select…`}
        value={value}
        onChange={onChange}
      />
    );
  switch (type) {
    case "optionalBoolean":
      return (
        <Select
          {...common}
          data={[
            { value: "true", label: t`Yes` },
            { value: "false", label: t`No` },
          ]}
          value={typeof value === "boolean" ? String(value) : null}
          placeholder={booleanWords(placeholder) ?? t`Select…`}
          clearable={!required}
          onChange={(next) => onChange(next === null ? null : next === "true")}
        />
      );
    case "boolean":
      return (
        <Checkbox
          label={required ? `${label} *` : label}
          description={common.description}
          error={error}
          disabled={disabled}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return <NumberField {...common} field={field} value={value} onChange={onChange} />;
    case "select":
      return <OptionField {...common} field={field} value={text} onChange={onChange} />;
    case "longText":
      return (
        <Textarea
          {...common}
          {...shown}
          autosize
          minRows={3}
          maxRows={10}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
    case "dateTime":
    case "moment":
      return <MomentField {...common} isZoned={type === "moment"} value={text} onChange={onChange} />;
    default:
      return (
        <TextInput
          {...common}
          {...shown}
          type={type === "text" ? "text" : type}
          {...(type === "time" ? { step: 1 } : {})}
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
  }
}

interface OptionFieldProps extends CommonProps {
  field: FormField;
  value: string;
  onChange: (value: string | null) => void;
}

const booleanWords = (value: string): string | undefined =>
  /^(?:true|1)$/i.test(value) ? t`Yes` : /^(?:false|0)$/i.test(value) ? t`No` : undefined;

/** Returns the text while no option is selected. An option as placeholder is formatted like the others. */
const placeholderOf = ({ placeholder, format }: FormField): string =>
  placeholder ? (format.isDeclared ? format.text(placeholder) : placeholder) : t`Select…`;

/** Selects one of the options of a field. Keeps a value that is not among them. */
function OptionField({ field, value, onChange, ...common }: OptionFieldProps) {
  const { options, format, required } = field;
  const dropdown = useDropdownBelowError(common.error);
  return (
    <Select
      {...common}
      {...dropdown}
      {...toneOptions(value, options, toneIn(format))}
      data={(value && !options.includes(value) ? [value, ...options] : options).map((option) => ({
        value: option,
        label: format.isDeclared ? format.text(option) : option,
      }))}
      value={value || null}
      placeholder={placeholderOf(field)}
      clearable={!required}
      searchable={options.length > 8}
      onChange={(next) => onChange(next)}
    />
  );
}
