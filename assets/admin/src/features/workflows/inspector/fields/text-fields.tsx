import { t } from "@lingui/core/macro";
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { useMemo } from "react";
import { useFormContext, useInputProps, type FieldProps } from "@/domain/schema-form/context";
import { useDraft } from "@/lib/draft";
import { readValue, showValue } from "@/lib/schema/free-value";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import { ExpressionInput } from "./expression-input";
import { useNodeForm } from "./node-form-context";

/** Edits a text that may be a template. */
export function TemplateField(props: FieldProps) {
  const input = useInputProps(props);
  const { schema, value, required, onChange } = props;
  const text = typeof value === "string" ? value : "";
  return (
    <ExpressionInput
      {...input}
      aria-label={props.label || props.name}
      placeholder={schema["x-placeholder"]}
      value={text}
      onChange={(next) => onChange(next === "" && !required ? undefined : next)}
    />
  );
}

interface ValueInputProps {
  label?: string;
  /** The accessible name if there is no visible label. */
  ariaLabel?: string;
  description?: React.ReactNode;
  error?: string | undefined;
  required?: boolean;
  placeholder?: string;
  value: unknown;
  /** What an empty input means: no value, or the empty text. */
  blank?: "" | undefined;
  onChange: (value: unknown) => void;
}

/** Edits any value: a template, plain text or JSON. */
export function ValueInput({
  value,
  onChange,
  error,
  ariaLabel,
  required = false,
  blank,
  ...props
}: ValueInputProps) {
  const { draft, broken, change } = useDraft({
    value,
    // Quotes in a new field would become part of the expression that is typed into it.
    print: (shown) => (shown === blank ? "" : showValue(shown)),
    parse: (text) => (text.trim() === "" ? { value: blank } : readValue(text)),
    onChange,
  });
  return (
    <ExpressionInput
      {...props}
      aria-label={ariaLabel ?? props.label}
      withAsterisk={required}
      value={draft}
      error={broken ?? error}
      onChange={change}
    />
  );
}

export function ValueField(props: FieldProps) {
  const { label, description, error, withAsterisk } = useInputProps(props);
  return (
    <ValueInput
      label={label}
      ariaLabel={props.label}
      description={description}
      error={error}
      required={withAsterisk}
      placeholder={t`value`}
      value={props.value}
      // An entry of a map always has a value.
      blank={props.bare ? "" : undefined}
      onChange={props.onChange}
    />
  );
}

/** Completes the path before the cursor. */
const PATH = /[A-Za-z_$][\w$.[\]]*$/;

/** Edits a script, with completion. */
export function ScriptField(props: FieldProps) {
  const { errors, describe } = useFormContext();
  const { suggestions } = useNodeForm();
  const { schema, value, label, path, required, onChange } = props;
  const complete = useMemo(
    () =>
      (context: CompletionContext): CompletionResult | null => {
        const word = context.matchBefore(PATH);
        if (!word && !context.explicit) return null;
        return {
          from: word?.from ?? context.pos,
          options: suggestions.map(({ path: name, detail }) => ({ label: name, detail, type: "variable" })),
          validFor: /^[\w$.[\]]*$/,
        };
      },
    [suggestions],
  );
  return (
    <CodeEditor
      label={label}
      description={describe(schema.description)}
      canEnlarge
      error={errors[path]}
      required={required}
      language="javascript"
      value={typeof value === "string" ? value : ""}
      onChange={onChange}
      complete={complete}
      minHeight={160}
      maxHeight={480}
    />
  );
}
