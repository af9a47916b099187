import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Autocomplete, Button, Input, Select, Stack } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { isObject } from "@/lib/is-object";
import { useCan } from "@/lib/api/me";
import type { JsonObject } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { needsValue, operators, type ConditionSource } from "@/lib/rows/conditions";
import type { FieldErrors } from "@/lib/schema/paths";
import { userFields } from "@/lib/templates/templates";
import classes from "./widget-form.module.css";

/** The names that conditions can compare, by where they are. */
type ComparedNames = { [source in ConditionSource]?: readonly string[] };

const sourceLabels: Record<ConditionSource, string> = {
  row: t`Column`,
  form: t`Form field`,
  vars: t`Filter`,
  user: t`User`,
};

/** What is known of the person who is signed in. */
export const userNames: readonly string[] = userFields;

interface ConditionsEditorProps {
  label: string;
  description?: React.ReactNode;
  value: unknown;
  /** The path of the conditions in what is sent. */
  path: string;
  errors: FieldErrors;
  names: ComparedNames;
  onChange: (conditions: JsonObject[] | undefined) => void;
}

/** Edits conditions that must all be met: one line for each. */
export function ConditionsEditor({
  label,
  description,
  value,
  path,
  errors,
  names,
  onChange,
}: ConditionsEditorProps) {
  // Also lines that are not complete yet.
  const lines = (Array.isArray(value) ? value : isObject(value) ? [value] : []).filter(isObject);
  const sources = (Object.keys(names) as ConditionSource[]).filter((source) => names[source]);
  const set = (index: number, line: JsonObject) =>
    onChange(lines.map((old, at) => (at === index ? line : old)));
  const remove = (index: number) => {
    const rest = lines.filter((_, at) => at !== index);
    onChange(rest.length ? rest : undefined);
  };
  const fresh = { from: sources[0] ?? "row", field: "", operator: "equals", value: "" };
  return (
    <Input.Wrapper label={label} labelElement="div" description={description} error={errors[path]}>
      <Stack gap="xs" mt={4}>
        {lines.map((line, index) => (
          <Line
            key={index}
            label={lines.length > 1 ? `${label} ${index + 1}` : label}
            line={line}
            sources={sources}
            names={names}
            error={lineError(errors, path, index)}
            onChange={(next) => set(index, next)}
            onRemove={() => remove(index)}
          />
        ))}
        {lines.length < 10 && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              aria-label={t`Add condition: ${label}`}
              onClick={() => onChange([...lines, fresh])}
            >
              <Trans>Add condition</Trans>
            </Button>
          </div>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

const lineError = (errors: FieldErrors, path: string, index: number): string | undefined =>
  ["", ".from", ".field", ".operator", ".value"]
    .flatMap((end) => [errors[`${path}[${String(index)}]${end}`], errors[`${path}.${String(index)}${end}`]])
    .find(Boolean);

interface LineProps {
  label: string;
  line: JsonObject;
  sources: ConditionSource[];
  names: ComparedNames;
  error: string | undefined;
  onChange: (line: JsonObject) => void;
  onRemove: () => void;
}

function Line({ label, line, sources, names, error, onChange, onRemove }: LineProps) {
  const from = sources.find((source) => source === line["from"]) ?? "row";
  const operator = operators.find(({ value }) => value === line["operator"])?.value ?? "equals";
  const text = (name: string) => (typeof line[name] === "string" ? line[name] : "");
  const common = { size: "xs" } as const;
  return (
    <div className={classes.condition} role="group" aria-label={label}>
      <Select
        {...common}
        className={classes.conditionSource ?? ""}
        aria-label={t`What to compare`}
        data={sources.map((source) => ({ value: source, label: sourceLabels[source] }))}
        value={from}
        onChange={(next) => next && onChange({ ...line, from: next, field: "" })}
      />
      <Autocomplete
        {...common}
        className={classes.conditionName ?? ""}
        aria-label={t`Name`}
        placeholder={t`Name`}
        data={[...(names[from] ?? [])]}
        value={text("field")}
        error={error}
        spellCheck={false}
        onChange={(field) => onChange({ ...line, field })}
      />
      <Select
        {...common}
        className={classes.conditionOperator ?? ""}
        aria-label={t`Comparison`}
        data={operators.map(({ value, label: words }) => ({ value, label: words }))}
        value={operator}
        onChange={(next) => next && onChange({ ...line, operator: next })}
      />
      {needsValue(operator) ? (
        <ValueInput
          isRole={from === "user" && text("field") === "role"}
          value={text("value")}
          onChange={(value) => onChange({ ...line, value })}
        />
      ) : (
        <span />
      )}
      <ActionIcon
        size={28}
        className={classes.conditionRemove ?? ""}
        aria-label={t`Remove condition`}
        onClick={onRemove}
      >
        <IconTrash size={14} />
      </ActionIcon>
    </div>
  );
}

interface ValueInputProps {
  /** Whether the value is compared with the person's role. */
  isRole: boolean;
  value: string;
  onChange: (value: string) => void;
}

/** Edits what is compared with; for roles those of the tenant are suggested. */
function ValueInput({ isRole, value, onChange }: ValueInputProps) {
  const can = useCan();
  const roles = useList("role", { limit: 200, sort: "name" }, { enabled: isRole && can("role:list") }).items;
  return (
    <Autocomplete
      size="xs"
      className={classes.conditionValue ?? ""}
      aria-label={t`Value`}
      placeholder={t`Value`}
      maxLength={1000}
      data={isRole ? [...new Set(roles?.map(({ name }) => name))] : []}
      value={value}
      spellCheck={false}
      onChange={onChange}
    />
  );
}
