import type { CompletionSource } from "@codemirror/autocomplete";
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { normalizePath, type FieldErrors } from "@/lib/schema/paths";
import { resolve } from "@/lib/schema/schema-fields";
import { prose } from "@/ui/text/prose";
import { SchemaFormContext, type FieldRenderer, type FormContext } from "./context";
import { SchemaFacts } from "./facts/schema-facts";
import { ObjectFields } from "./object-fields";

interface SchemaFormProps {
  schema: JsonSchema;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  /** The path of `value` in what is sent, for example "options": its errors are below it. */
  path?: string;
  errors?: FieldErrors;
  /** Paths, within `value`, of secrets that are set on the server. */
  secrets?: string[];
  /** Custom renderers by `x-widget` or `format`. */
  renderers?: Record<string, FieldRenderer>;
  /** Shows what is set, as text, instead of fields. */
  readOnly?: boolean;
  /** Renders the help of a field; whole by default. */
  describe?: FormContext["describe"];
  complete?: CompletionSource | undefined;
}

const none: never[] = [];
const nothing = {};

/** A form rendered from a JSON Schema. It is controlled: it holds no state. */
export function SchemaForm({
  schema,
  value,
  onChange,
  path = "",
  errors = nothing,
  secrets = none,
  renderers = nothing,
  readOnly = false,
  describe = prose,
  complete,
}: SchemaFormProps) {
  const known = useMemo(() => secretPaths(secrets, path), [secrets, path]);
  const context = useMemo<FormContext>(
    () => ({
      root: schema,
      errors,
      secrets: known,
      renderers,
      describe,
      complete,
    }),
    [schema, errors, known, renderers, describe, complete],
  );
  if (readOnly) return <SchemaFacts root={schema} secrets={known} value={value} path={path} />;
  return (
    <SchemaFormContext.Provider value={context}>
      <ObjectFields schema={resolve(schema, schema).schema} path={path} value={value} onChange={onChange} />
    </SchemaFormContext.Provider>
  );
}

/**
 * The server names secrets within the object ("auth/password"), errors name them within the whole
 * ("options.auth.password").
 */
export function secretPaths(secrets: string[], path: string): Set<string> {
  return new Set(secrets.map(normalizePath).map((secret) => (path ? `${path}.${secret}` : secret)));
}
