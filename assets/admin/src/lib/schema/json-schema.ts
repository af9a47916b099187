/** The part of JSON Schema 2020-12 that the server's schemas use, and its `x-` hints for rendering. */
export type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: JsonSchemaType | JsonSchemaType[];
  title?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  writeOnly?: boolean;
  readOnly?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  /** With `format: "sql"`: the character that quotes names; `"` when absent. */
  "x-quote"?: string;
  /** How to render it: "code", "textarea", "file", "hidden", or a name that the form's caller knows ("query"). */
  "x-widget"?: string;
  "x-language"?: "sql" | "javascript" | "json" | "text";
  "x-placeholder"?: string;
  /** An option that may change while a datasource keeps its secrets. */
  "x-harmless"?: boolean;
  /** A secret that is a URL itself: if it changes, the other secrets must be entered again. */
  "x-destination"?: boolean;
  /** Fields of one group are shown together, collapsed under its name. */
  "x-group"?: string;
  /** Shows its group open. */
  "x-open"?: boolean;
  /** Shown only if each of these sibling fields has one of these values. */
  "x-when"?: Record<string, unknown[]>;
};

export type JsonSchemaType = "null" | "boolean" | "object" | "array" | "number" | "string" | "integer";
