import { t } from "@lingui/core/macro";
import { Select, Textarea, TextInput, type InputWrapperProps } from "@mantine/core";
import type { ParameterType } from "@/lib/api/model";
import { useDraft } from "@/lib/draft";
import { dayLimits } from "@/lib/format/dates/calendar";
import { parseJson } from "@/lib/format/exact-json";
import { isEqual } from "@/lib/schema/merge-patch";
import { ExactNumberInput } from "@/ui/input/exact-number-input";

interface ParameterInputProps extends Pick<InputWrapperProps, "label" | "description" | "error"> {
  type: ParameterType;
  /** `undefined` and `null` mean no value. */
  value: unknown;
  onChange: (value: unknown) => void;
  ariaLabel?: string;
  placeholder?: string;
  /** The only values allowed; empty allows any. */
  allowed?: readonly unknown[];
  disabled?: boolean;
  required?: boolean;
  size?: "xs" | "sm";
}

const asText = (value: unknown) =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

/** Edits a value of one of the parameter types. */
export function ParameterInput({
  type,
  value,
  onChange,
  ariaLabel,
  placeholder,
  allowed = [],
  required = false,
  size = "sm",
  ...wrapper
}: ParameterInputProps) {
  const common = {
    ...wrapper,
    size,
    "aria-label": ariaLabel,
    placeholder: placeholder ?? "",
    withAsterisk: required,
  };
  const choices = allowed.length ? allowed : type === "boolean" ? [true, false] : null;
  if (choices) {
    const chosen = choices.find((choice) => isEqual(choice, value));
    return (
      <Select
        {...common}
        data={[...new Set(choices.map(asText))]}
        value={chosen === undefined ? null : asText(chosen)}
        clearable={!required}
        searchable={choices.length > 8}
        onChange={(text) =>
          onChange(text === null ? undefined : choices.find((choice) => asText(choice) === text))
        }
      />
    );
  }
  if (type === "number") return <ExactNumberInput {...common} value={value} onChange={onChange} />;
  if (type === "array" || type === "object")
    return (
      <JsonInput
        {...common}
        value={value}
        onChange={onChange}
        isRight={type === "array" ? Array.isArray : isPlainObject}
        example={type === "array" ? "[1, 2]" : '{"key": 1}'}
      />
    );
  return (
    <TextInput
      {...common}
      {...(type === "date" ? { type: "date", ...dayLimits } : { type: "text" })}
      autoComplete="off"
      spellCheck={false}
      value={asText(value)}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

const isPlainObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface JsonInputProps extends Pick<InputWrapperProps, "label" | "description" | "error" | "size"> {
  value: unknown;
  onChange: (value: unknown) => void;
  isRight: (value: unknown) => boolean;
  example: string;
  placeholder: string;
  disabled?: boolean;
}

/** Edits JSON as text, which is applied as soon as it has the right type. */
function JsonInput({ value, onChange, isRight, example, placeholder, error, ...input }: JsonInputProps) {
  const { draft, broken, change } = useDraft({
    value,
    print: asText,
    parse: (text) => {
      const parsed = text.trim() === "" ? undefined : parse(text);
      return text.trim() === "" || isRight(parsed)
        ? { value: parsed }
        : { broken: t`Enter JSON such as ${example}` };
    },
    onChange,
  });
  return (
    <Textarea
      {...input}
      autosize
      minRows={1}
      maxRows={8}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      placeholder={placeholder || example}
      value={draft}
      error={broken ?? error}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
