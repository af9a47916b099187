import { t } from "@lingui/core/macro";
import { Button, Checkbox, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { isApiError } from "@/lib/api/errors";
import type { JsonObject } from "@/lib/api/model";
import { fillText } from "@/lib/templates/placeholders";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { isOn, mentionsVariables, rowsOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useWidgetActions, useWidgetVariables } from "../host";
import { actionOf, fieldBehind, type Action } from "./action-config";
import { ActionOutcome } from "./action-outcome";
import { ConfirmAction, questionFor } from "./confirm-action";
import { checkForm, formFields, startValues, type FormField } from "./form-fields";
import { useAction, useRefusal, type Outcome } from "./use-action";
import classes from "./actions.module.css";

/** Returns the server's errors by form field. */
function refusedFields(action: Action | null, outcome: Outcome | null): Record<string, string> {
  if (!action || outcome?.kind !== "failed" || !isApiError(outcome.error)) return {};
  const found = outcome.error.details.map(
    ({ path, message }) => [fieldBehind(action, path), message] as const,
  );
  return Object.fromEntries(found.filter((one): one is [string, string] => one[0] !== null));
}

export function FormWidget({ config, result, label, id }: WidgetProps) {
  const { building } = useWidgetActions();
  const variables = useWidgetVariables(mentionsVariables(config));
  const running = useAction(id);
  const refusalOf = useRefusal();
  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => formFields(config), [config]);
  const row = useMemo(() => rowsOf(result).rows[0], [result]);
  const [entered, setEntered] = useState<JsonObject>({});
  const [broken, setBroken] = useState<Record<string, string>>({});
  const [asking, setAsking] = useState(false);
  const action = actionOf(config["action"]);
  if (fields.length === 0) return <Hint text={t`Add fields to the form.`} />;
  if (!action) return <Hint text={t`Select what the form does.`} />;
  const values = { ...startValues(fields, row, { vars: variables }), ...entered };
  const submit = textOf(config, "submit") || t`Send`;
  // A field that was left empty exists all the same.
  const scope = {
    row,
    form: { ...Object.fromEntries(fields.map(({ name }) => [name, null])), ...values },
    vars: variables,
  };
  const question = questionFor(fillText(textOf(config, "confirm"), scope), building);
  const refusal = refusalOf(action);
  const errors = { ...refusedFields(action, running.outcome), ...broken };

  // Input is kept until the action succeeds: nothing is lost after a failure, or if no row was changed.
  const onDone = () => !isOn(config, "keep") && setEntered({});
  const run = () => void running.start(action, scope, { name: label, done: textOf(config, "done"), onDone });
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    const found = checkForm(fields, values);
    setBroken(found);
    if (Object.keys(found).length)
      return void setTimeout(() =>
        form.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-error] input")?.focus(),
      );
    if (question) setAsking(true);
    else run();
  };
  const change = (name: string, value: unknown) => {
    setEntered((old) => ({ ...old, [name]: value }));
    setBroken(({ [name]: _, ...rest }) => rest);
  };
  return (
    <form ref={form} className={classes.form} onSubmit={send} noValidate aria-label={label}>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name]}
          error={errors[field.name]}
          disabled={refusal !== null}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      {refusal && (
        <Text size="xs" c="var(--jet-muted)">
          {refusal}
        </Text>
      )}
      <div>
        <Button type="submit" loading={running.busy} disabled={refusal !== null}>
          {submit}
        </Button>
      </div>
      <ActionOutcome action={running} />
      {asking && (
        <ConfirmAction
          title={`${submit}?`}
          question={question}
          verb={submit}
          onClose={() => setAsking(false)}
          onConfirm={run}
        />
      )}
    </form>
  );
}

interface FieldProps {
  field: FormField;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

function Field({ field, value, error, disabled, onChange }: FieldProps) {
  const { label, type, required, help, options, min, max } = field;
  const common = { label, description: help || undefined, error, disabled, withAsterisk: required };
  const text = typeof value === "string" ? value : "";
  switch (type) {
    case "boolean":
      return (
        <Checkbox
          label={required ? `${label} *` : label}
          description={common.description}
          error={error}
          disabled={disabled}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <ExactNumberInput
          {...common}
          hideControls
          value={value}
          {...(min === null ? {} : { min })}
          {...(max === null ? {} : { max })}
          onChange={onChange}
        />
      );
    case "select":
      return (
        <Select
          {...common}
          data={text && !options.includes(text) ? [text, ...options] : options}
          value={text || null}
          placeholder={t`Select…`}
          clearable={!required}
          searchable={options.length > 8}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case "longText":
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={10}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          type={type === "email" ? "email" : type === "date" ? "date" : "text"}
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
  }
}
