/** The part of JSON Schema 2020-12 that the server's schemas use, and its `x-` hints for drawing. */
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
  /** With `format: "sql"`: what stands around a name that needs quoting; `"` when absent. */
  "x-quote"?: string;
  /** How to draw it: "code", "textarea", "file", "hidden", or a name that the form's caller knows ("query"). */
  "x-widget"?: string;
  "x-language"?: "sql" | "javascript" | "json" | "text";
  "x-placeholder"?: string;
  /** An option that may change while a datasource's secrets stay as they are. */
  "x-harmless"?: boolean;
  /** A secret that is an address itself: with another one, the other secrets are entered again. */
  "x-destination"?: boolean;
  /** Fields of one group stand together, folded away under its name. */
  "x-group"?: string;
  /** Only where each of these fields beside it has one of these values. */
  "x-when"?: Record<string, unknown[]>;
};

export type JsonSchemaType = "null" | "boolean" | "object" | "array" | "number" | "string" | "integer";
