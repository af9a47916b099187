import { t } from "@lingui/core/macro";
import { useDraft, type Meaning } from "@/lib/draft";
import { parseJson } from "@/lib/format/exact-json";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import { isLanguage } from "@/ui/code-editor/language";
import { prose } from "@/ui/text/prose";
import { useFormContext, type FieldProps } from "./context";
import { textOrNothing } from "./scalar-fields";

export function languageOf({ "x-language": said, format = "" }: JsonSchema) {
  return said ?? (isLanguage(format) ? format : format ? "text" : "javascript");
}

export function CodeField(props: FieldProps) {
  const { errors, complete } = useFormContext();
  const { schema, value, label, bare, path, required, onChange } = props;
  return (
    <CodeEditor
      {...(bare ? { ariaLabel: label } : { label })}
      description={bare ? undefined : prose(schema.description)}
      error={errors[path]}
      required={required}
      language={languageOf(schema)}
      complete={complete}
      value={typeof value === "string" ? value : ""}
      onChange={(text) => onChange(textOrNothing(text, required))}
      maxHeight={360}
      minHeight={96}
    />
  );
}

/** The expected shape. */
const PLACEHOLDERS: Record<string, string> = { array: '["first", "second"]', object: '{"name": "value"}' };

const jsonText = (value: unknown) => (value === undefined ? "" : JSON.stringify(value, null, 2));

function jsonIn(text: string): Meaning<unknown> {
  try {
    return { value: text.trim() === "" ? undefined : parseJson(text) };
  } catch {
    return { broken: t`Enter valid JSON` };
  }
}

/** Edits any value as JSON text, which is applied as soon as it is valid. */
export function JsonField(props: FieldProps) {
  const { errors, complete } = useFormContext();
  const { schema, value, label, bare, path, required, onChange } = props;
  const { draft, broken, change } = useDraft({ value, print: jsonText, parse: jsonIn, onChange });

  return (
    <CodeEditor
      {...(bare ? { ariaLabel: label } : { label })}
      description={bare ? undefined : prose(schema.description)}
      error={broken ?? errors[path]}
      required={required}
      language="json"
      complete={complete}
      value={draft}
      placeholder={PLACEHOLDERS[String(schema.type)] ?? ""}
      onChange={change}
      maxHeight={360}
      minHeight={64}
    />
  );
}
