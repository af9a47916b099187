import type { CompletionSource } from "@codemirror/autocomplete";
import { createContext, useContext, type ReactNode } from "react";
import type { JsonSchema } from "@/lib/schema/json-schema";
import type { FieldErrors } from "@/lib/schema/paths";
import { prose } from "@/ui/text/prose";

export interface FieldProps {
  /** The property's name; empty for an item of a list. */
  name: string;
  /** Its path in what is sent, for the server's `details`. */
  path: string;
  label: string;
  /** Whether the label is only for screen readers, as in the lines of a table. */
  bare?: boolean;
  schema: JsonSchema;
  required: boolean;
  nullable: boolean;
  value: unknown;
  /** `undefined` removes the field. */
  onChange: (value: unknown) => void;
}

/** Renderers that replace the form's own, by `x-widget` or `format`. */
export type FieldRenderer = (props: FieldProps) => React.ReactNode;

export interface FormContext {
  root: JsonSchema;
  errors: FieldErrors;
  /** Paths of the secrets that are set. */
  secrets: ReadonlySet<string>;
  renderers: Record<string, FieldRenderer>;
  /** Renders the help of a field. */
  describe: (text: string | undefined) => ReactNode;
  /** Completions for code fields, for example for `{{ … }}`. */
  complete: CompletionSource | undefined;
}

export const SchemaFormContext = createContext<FormContext>({
  root: {},
  errors: {},
  secrets: new Set(),
  renderers: {},
  describe: prose,
  complete: undefined,
});

export const useFormContext = () => useContext(SchemaFormContext);

/** The props that every input takes: label and error. */
export function useInputProps({ path, label, bare = false, schema, required }: FieldProps) {
  const { errors, describe } = useFormContext();
  if (bare) return { "aria-label": label, error: errors[path] };
  return {
    label,
    description: describe(schema.description),
    error: errors[path],
    withAsterisk: required,
  };
}
