import type { CompletionSource } from "@codemirror/autocomplete";
import { createContext, useContext } from "react";
import type { JsonSchema } from "@/lib/api/json-schema";
import type { FieldErrors } from "@/lib/paths";
import { prose } from "../prose";

export interface FieldProps {
  /** The property's name; empty for an item of a list. */
  name: string;
  /** Where it stands in what is sent, for the server's `details`. */
  path: string;
  label: string;
  /** Whether the label is for screen readers only, as in the lines of a table. */
  bare?: boolean;
  schema: JsonSchema;
  required: boolean;
  nullable: boolean;
  value: unknown;
  /** `undefined` takes the field away. */
  onChange: (value: unknown) => void;
}

/** Draws fields that a caller knows better than the form: by their `x-widget` or `format`. */
export type FieldRenderer = (props: FieldProps) => React.ReactNode;

export interface FormContext {
  root: JsonSchema;
  errors: FieldErrors;
  /** Paths of the secrets that are set. */
  secrets: ReadonlySet<string>;
  renderers: Record<string, FieldRenderer>;
  disabled: boolean;
  /** Completions for the code in fields, for example of `{{ … }}`. */
  complete: CompletionSource | undefined;
}

export const SchemaFormContext = createContext<FormContext>({ root: {}, errors: {}, secrets: new Set(), renderers: {}, disabled: false, complete: undefined });

export const useFormContext = () => useContext(SchemaFormContext);

/** What every input takes: its words, its error, whether it may be changed. */
export function useInputProps({ path, label, bare = false, schema, required }: FieldProps) {
  const { errors, disabled } = useFormContext();
  if (bare) return { "aria-label": label, error: errors[path], disabled };
  return { label, description: prose(schema.description), error: errors[path], withAsterisk: required, disabled };
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
