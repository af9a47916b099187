import { t } from "@lingui/core/macro";
import { createContext, useContext } from "react";
import { referenceOf } from "@/domain/records/compare/differences";
import { RecordLink } from "@/domain/records/record-name";
import { numberFormat } from "@/lib/format/intl";
import type { JsonObject } from "@/lib/api/model";
import type { Readable } from "@/lib/api/resources";
import { isObject } from "@/lib/is-object";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { isEqual } from "@/lib/schema/merge-patch";
import { joinPath } from "@/lib/schema/paths";
import {
  applies,
  choicesOf,
  fieldsOf,
  isCode,
  isTemplate,
  labelOf,
  resolve,
  templatedOf,
  unionOf,
  type Field,
} from "@/lib/schema/schema-fields";
import { Fact, Facts, ReadCode } from "@/ui/facts/facts";
import { languageOf } from "../code-fields";

interface Surroundings {
  root: JsonSchema;
  /** Paths of the secrets that are set. */
  secrets: ReadonlySet<string>;
}

const Context = createContext<Surroundings>({ root: {}, secrets: new Set() });

interface SchemaFactsProps extends Surroundings {
  value: JsonObject;
  path: string;
}

/** What a form of this schema would edit, for people who may only read it: what is set, as text. */
export function SchemaFacts({ root, secrets, value, path }: SchemaFactsProps) {
  return (
    <Context.Provider value={{ root, secrets }}>
      <Facts>
        <ObjectFacts schema={resolve(root, root).schema} value={value} path={path} />
      </Facts>
    </Context.Provider>
  );
}

interface ObjectFactsProps {
  schema: JsonSchema;
  value: Record<string, unknown>;
  path: string;
}

function ObjectFacts({ schema, value, path }: ObjectFactsProps) {
  const { root } = useContext(Context);
  const union = unionOf(schema, root);
  const fields = fieldsOf(schema, root).filter(({ name }) => name !== union?.discriminator);
  const variant = union?.variants.find((candidate) => candidate.value === value[union.discriminator]);
  const facts = (all: readonly Field[]) =>
    all
      .filter((field) => applies(field, value, all))
      .map((field) => (
        <FieldFact
          key={field.name}
          field={field}
          value={value[field.name]}
          path={joinPath(path, field.name)}
        />
      ));
  return (
    <>
      {facts(fields)}
      {union && variant && <Fact label={union.title}>{variant.title}</Fact>}
      {variant && facts(variant.fields)}
    </>
  );
}

/** Whether there is nothing to read. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.values(value).every(isNothing));

/** Whether a value is what everyone expects: a switch that is off, or the default of a folded field. */
function isUsual(value: unknown, { default: standard, "x-group": group }: JsonSchema): boolean {
  if (typeof value === "boolean" && value === (standard ?? false)) return true;
  return group !== undefined && isEqual(value, standard);
}

function FieldFact({ field: { name, schema }, value, path }: { field: Field; value: unknown; path: string }) {
  const { secrets } = useContext(Context);
  const label = labelOf(name, schema);
  const hasSecrets = [...secrets].some((secret) => secret === path || secret.startsWith(`${path}.`));
  if (schema.const !== undefined) return null;
  if (schema.writeOnly && !schema.properties)
    return <Fact label={label}>{hasSecrets && t`Set, never shown`}</Fact>;
  const given = value ?? schema.default;
  if ((isNothing(given) || isUsual(given, schema)) && !hasSecrets) return null;
  return (
    <Fact label={label}>
      <Value name={name} label={label} schema={schema} value={given ?? {}} path={path} />
    </Fact>
  );
}

const numbers = numberFormat({ useGrouping: false, maximumFractionDigits: 20 });

interface ValueProps {
  name: string;
  label: string;
  schema: JsonSchema;
  value: unknown;
  path: string;
}

/** The kind of record that a value is the id of. */
const recordOf = (name: string, schema: JsonSchema): Readable | undefined =>
  schema.format === "file-id" ? "file" : (referenceOf(name) as Readable | undefined);

function Value({ name, label, schema, value, path }: ValueProps): React.ReactNode {
  const { root } = useContext(Context);
  const typed = templatedOf(schema, root);
  if (typed && !isTemplate(typed, value))
    return <Value name={name} label={label} schema={typed} value={value} path={path} />;
  const choice = choicesOf(schema)?.find((one) => one.value === value);
  if (choice) return choice.label;
  if (typeof value === "boolean") return value ? t`yes` : t`no`;
  if (typeof value === "number") return numbers.format(value);
  if (typeof value === "string") {
    const kind = recordOf(name, schema);
    if (kind) return <RecordLink kind={kind} id={value} />;
    return isCode(schema) ? <ReadCode label={label} text={value} language={languageOf(schema)} /> : value;
  }
  if (Array.isArray(value)) return <Items {...{ name, label, schema, path }} values={value} />;
  if (isObject(value) && (schema.properties || unionOf(schema, root)))
    return (
      <Facts inner>
        <ObjectFacts schema={schema} value={value} path={path} />
      </Facts>
    );
  if (isObject(value) && Object.values(value).every((part) => typeof part !== "object"))
    return (
      <Facts inner>
        {Object.entries(value).map(([key, part]) => (
          <Fact key={key} label={key}>
            <Value
              name=""
              label={key}
              schema={valuesOf(schema, root)}
              value={part}
              path={joinPath(path, key)}
            />
          </Fact>
        ))}
      </Facts>
    );
  return <ReadCode label={label} text={JSON.stringify(value, null, 2)} language="json" />;
}

/** Returns the schema of the values of a map. */
const valuesOf = ({ additionalProperties: schema }: JsonSchema, root: JsonSchema): JsonSchema =>
  typeof schema === "object" ? resolve(schema, root).schema : {};

function Items({ name, label, schema, path, values }: Omit<ValueProps, "value"> & { values: unknown[] }) {
  const { root } = useContext(Context);
  const items = schema.items ? resolve(schema.items, root).schema : {};
  const options = choicesOf(items);
  if (values.every((value) => typeof value !== "object" || value === null))
    return values
      .map((value) => options?.find((option) => option.value === value)?.label ?? String(value))
      .join(", ");
  if (!values.every(isObject) || !(items.properties || unionOf(items, root)))
    return <ReadCode label={label} text={JSON.stringify(values, null, 2)} language="json" />;
  return (
    <ol>
      {values.map((value, index) => (
        // They are not edited, so their place identifies them.
        <li key={index}>
          <Value name={name} label={label} schema={items} value={value} path={`${path}[${index}]`} />
        </li>
      ))}
    </ol>
  );
}
