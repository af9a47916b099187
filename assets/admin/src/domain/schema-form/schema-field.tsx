import type { JsonSchema } from "@/lib/schema/json-schema";
import { choicesOf, isCode, resolve, templatedOf, unionOf } from "@/lib/schema/schema-fields";
import { ListField, MapField } from "./collection-fields";
import { useFormContext, type FieldProps } from "./context";
import { areEntries, EntriesField } from "./entries-field";
import { FileIdField } from "./record-fields";
import { NestedField } from "./nested-field";
import { CodeField, JsonField } from "./code-fields";
import {
  BooleanField,
  ChoiceField,
  ManyChoicesField,
  NumberField,
  TextsField,
  TextField,
} from "./scalar-fields";
import { SecretField } from "./secret-field";
import { TemplatedField } from "./templated-field";

/** Selects the renderer of a field by its schema. */
export function SchemaField(props: FieldProps) {
  const { root, renderers } = useFormContext();
  const { schema } = props;
  const render = renderers[schema["x-widget"] ?? schema.format ?? ""];
  if (render) return render(props);
  if (schema.const !== undefined) return null;
  if (schema.format === "file-id") return <FileIdField {...props} />;
  if (schema.writeOnly && !schema.properties) return <SecretField {...props} />;
  if (choicesOf(schema)) return <ChoiceField {...props} />;
  if (schema.properties || unionOf(schema, root)) return <NestedField {...props} />;
  const typed = templatedOf(schema, root);
  if (typed) return <TemplatedField {...props} typed={typed} />;
  if (isCode(schema)) return schema.type === "string" ? <CodeField {...props} /> : <JsonField {...props} />;
  return <ByType {...props} />;
}

/** Edits text, or a simple value of another type: the server parses what was typed. */
function takesTemplates({ type }: JsonSchema): boolean {
  return (
    Array.isArray(type) && type.includes("string") && !type.some((one) => one === "object" || one === "array")
  );
}

function ByType(props: FieldProps) {
  const { root } = useFormContext();
  const { schema } = props;
  if (takesTemplates(schema)) return <TextField {...props} />;
  switch (schema.type) {
    case "boolean":
      return <BooleanField {...props} />;
    case "integer":
    case "number":
      return <NumberField {...props} />;
    case "string":
      return <TextField {...props} />;
    case "array":
      return <ArrayField {...props} items={schema.items ? resolve(schema.items, root).schema : {}} />;
    case "object":
      return typeof schema.additionalProperties === "object" ? (
        <MapField {...props} values={resolve(schema.additionalProperties, root).schema} />
      ) : (
        <JsonField {...props} />
      );
    default:
      return <JsonField {...props} />;
  }
}

function ArrayField({ items, ...props }: FieldProps & { items: JsonSchema }) {
  const { root } = useFormContext();
  if (choicesOf(items)) return <ManyChoicesField {...props} items={items} />;
  if (areEntries(items)) return <EntriesField {...props} />;
  if (items.properties || unionOf(items, root)) return <ListField {...props} items={items} />;
  if (items.type === "string" && !items["x-widget"] && !isCode(items)) return <TextsField {...props} />;
  return <JsonField {...props} />;
}
