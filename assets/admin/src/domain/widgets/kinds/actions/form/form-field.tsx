import { t } from "@lingui/core/macro";
import { Checkbox, Select, Text, Textarea, TextInput } from "@mantine/core";
import { toneIn } from "@/lib/format/columns";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { toneOptions } from "@/ui/input/tone-options";
import { ChoiceField } from "./choice-field";
import { shownElsewhere, type FormField } from "./form-fields";
import { MomentField } from "./moment-field";

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
  const { label, type, required, help, options, min, max } = field;
  // The unit is part of the name for people who do not see where it stands.
  const spoken = type === "number" && field.unit ? { "aria-label": t`${label} in ${field.unit}` } : {};
  const common = {
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
          placeholder={t`Select…`}
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
    case "number": {
      const shown = shownElsewhere(field, value);
      return (
        <ExactNumberInput
          {...common}
          hideControls
          {...(shown
            ? { inputContainer: (input: React.ReactNode) => <ShownAs input={input} words={shown} /> }
            : {})}
          {...(field.unit
            ? { rightSection: <Unit words={field.unit} />, rightSectionWidth: 16 + 8 * field.unit.length }
            : {})}
          value={value}
          {...(min === null ? {} : { min })}
          {...(max === null ? {} : { max })}
          onChange={onChange}
        />
      );
    }
    case "select":
      return (
        <Select
          {...common}
          {...toneOptions(text, options, toneIn(field.format))}
          data={(text && !options.includes(text) ? [text, ...options] : options).map((option) => ({
            value: option,
            label: field.format.isDeclared ? field.format.text(option) : option,
          }))}
          value={text || null}
          placeholder={t`Select…`}
          clearable={!required}
          searchable={options.length > 8}
          onChange={(next) => onChange(next)}
        />
      );
    case "longText":
      return (
        <Textarea
          {...common}
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
          type={type === "text" ? "text" : type}
          {...(type === "time" ? { step: 1 } : {})}
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
  }
}

/** The unit of a number, at the end of its input. */
const Unit = ({ words }: { words: string }) => (
  <Text size="sm" c="var(--jet-muted)" aria-hidden>
    {words}
  </Text>
);

/** The input of a number, and how the number is shown elsewhere. */
const ShownAs = ({ input, words }: { input: React.ReactNode; words: string }) => (
  <>
    {input}
    <Text size="xs" c="var(--jet-muted)" mt={4}>
      = {words}
    </Text>
  </>
);
