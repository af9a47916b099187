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
  schema: JsonSchema;
  required: boolean;
  nullable: boolean;
  value: unknown;
  /** `undefined` takes the field away. */
  onChange: (value: unknown) => void;
}

/** Draws fields that a caller knows better than the form: by their `x-widget`, or all of a kind. */
export type FieldRenderer = (props: FieldProps) => React.ReactNode;

export interface FormContext {
  root: JsonSchema;
  errors: FieldErrors;
  /** Paths of the secrets that are set. */
  secrets: ReadonlySet<string>;
  renderers: Record<string, FieldRenderer>;
  disabled: boolean;
}

export const SchemaFormContext = createContext<FormContext>({ root: {}, errors: {}, secrets: new Set(), renderers: {}, disabled: false });

export const useFormContext = () => useContext(SchemaFormContext);

/** What every input takes: its words, its error, whether it may be changed. */
export function useInputProps({ path, label, schema, required }: FieldProps) {
  const { errors, disabled } = useFormContext();
  return { label, description: prose(schema.description), error: errors[path], withAsterisk: required, disabled };
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
