import { t } from "@lingui/core/macro";
import { Button, Text } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { isApiError } from "@/lib/api/errors";
import type { Column, JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { useLatest } from "@/lib/stable";
import type { Row } from "@/lib/rows/cells";
import { allMet, someAllMet } from "@/lib/rows/conditions";
import { fillWords } from "@/lib/templates/placeholders";
import { fillParameters } from "@/lib/templates/templates";
import { isOn, mentionsVariables, rowsOf, textOf, type WidgetProps } from "../../config";
import { useWidgetDrawer } from "../../drawer";
import { Hint } from "../../hint";
import { useWidgetActions, useWidgetVariables } from "../../host";
import { fieldBehind, planOf, type Action, type ActionPlan } from "../action-config";
import { ActionOutcome } from "../action-outcome";
import { ConfirmAction, questionFor } from "../confirm-action";
import { Details } from "./details";
import { Field } from "./form-field";
import { checkForm, formFields, sentValues, type FormField } from "./form-fields";
import { sentColumns } from "./form-rows";
import type { Outcome } from "../outcome";
import { reasonOf } from "../reason";
import { LoadingRow, RowNotice } from "./row-notice";
import { useUnfilled, useUserScope } from "../unresolved";
import { useAction, useRefusal, type ActionState } from "../use-action";
import { useEntered, type Entered } from "./use-entered";
import classes from "../actions.module.css";

/** Returns the server's errors by form field. */
function refusedFields(action: Action | null, outcome: Outcome | null): Record<string, string> {
  if (!action || outcome?.kind !== "failed" || !isApiError(outcome.error)) return {};
  const found = outcome.error.details.map(
    ({ path, message }) => [fieldBehind(action, path), message] as const,
  );
  return Object.fromEntries(found.filter((one): one is [string, string] => one[0] !== null));
}

export function FormWidget(props: WidgetProps) {
  const { config, result } = props;
  const variables = useWidgetVariables(mentionsVariables(config));
  const user = useUserScope();
  const opened = useWidgetDrawer()?.row;
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const fields = useMemo(() => formFields(config, columns), [config, columns]);
  const plan = useMemo(() => planOf(config), [config]);
  const hasQuery = textOf(config, "queryID") !== "";
  const row = hasQuery ? rows[0] : opened;
  if (fields.length === 0) return <Hint text={t`Add fields to the form.`} />;
  if (!plan) return <Hint text={t`Select what the form does.`} />;
  const parameters = isObject(config["parameters"]) ? config["parameters"] : {};
  const subjectFor = (vars: JsonObject) =>
    JSON.stringify(hasQuery ? fillParameters(parameters, { vars, user }).values : (opened ?? null));
  const asked = hasQuery ? fillParameters(parameters, { vars: variables, user }).values : {};
  return <EnteredForm {...props} {...{ fields, plan, row, columns, subjectFor, asked, variables }} />;
}

interface EnteredFormProps extends WidgetProps {
  fields: readonly FormField[];
  plan: ActionPlan;
  row: Row | undefined;
  /** How the row's values are shown. */
  columns: readonly Column[];
  /** Identifies what is asked for: the parameters of the query, or the row that opened the form. */
  subjectFor: (variables: JsonObject) => string;
  /** The parameters of the query. */
  asked: JsonObject;
  variables: JsonObject;
}

/** The form for a row, or for a new one. */
function EnteredForm({ config, label, id, isStale = false, variables, ...rest }: EnteredFormProps) {
  const { fields, plan, columns } = rest;
  const { building, open } = useWidgetActions();
  const user = useUserScope();
  const running = useAction(id);
  const refusalOf = useRefusal();
  const unfilled = useUnfilled();
  const form = useRef<HTMLFormElement>(null);
  const entered = useEntered(id, {
    ...rest,
    subject: rest.subjectFor(variables),
    sent: sentColumns([plan.action, ...plan.then].map((action) => action?.values)),
    scope: { vars: variables, user },
  });
  const { row, place, values, broken, state } = entered;
  const shownPlace = useLatest(place);
  const [sentFor, setSentFor] = useState<string>();
  const [askedFor, setAskedFor] = useState<string>();
  if (isOn(config, "needsRow") && !row) return <NoRow config={config} isStale={isStale} />;
  const submit = textOf(config, "submit") || t`Send`;
  const scope = { row, columns, form: sentValues(fields, values), vars: variables };
  const compared = { ...scope, user };
  if (!building && !allMet(plan.when, compared)) return <Hint text={t`This form is not available here.`} />;
  const question = questionFor(
    fillWords(textOf(config, "confirm"), compared),
    building && plan.action !== null,
  );
  const missing = unfilled([plan.action, ...plan.then], scope);
  const refusal = refusalOf(plan.action);
  if (refusal !== null && row && !building)
    return <Details item={id} label={label} fields={fields} row={row} reason={refusal} />;
  const reason =
    refusal ?? missing ?? (someAllMet(plan.disabledWhen, compared) ? reasonOf(plan.disabledWhen) : null);
  const isMine = sentFor === place;
  const hasConflicts = entered.conflicts.length > 0 && !running.busy;
  const errors = { ...refusedFields(plan.action, isMine ? running.outcome : null), ...broken };
  const cannotSend = reason !== null || isStale || state === "gone";

  const run = () => {
    if (!plan.action) {
      // What is opened has the values: leaving loses nothing.
      entered.settle(values, true);
      return void (plan.to && open?.(plan.to, compared));
    }
    setSentFor(place);
    // Input is kept until the action succeeds: nothing is lost after a failure, or if no row was changed.
    const onDone = () => entered.settle(values, isOn(config, "keep"));
    const labels = { form: (name: string) => fields.find((field) => field.name === name)?.label };
    const isInline = () => shownPlace.current === place;
    void running.start(plan.action, scope, { name: label, done: plan.done, onDone, plan, labels, isInline });
  };
  const send = () => {
    // Enter in a field does not press a disabled button in every browser.
    if (cannotSend || running.busy) return;
    const found = checkForm(fields, values, row);
    entered.mark(found);
    if (Object.keys(found).length) return;
    if (question) setAskedFor(place);
    else run();
  };
  const submitted = (event: React.FormEvent) => {
    event.preventDefault();
    if (hasConflicts) form.current?.querySelector<HTMLElement>("[data-conflict]")?.focus();
    else send();
  };
  return (
    <form
      ref={form}
      className={classes.form}
      onSubmit={submitted}
      noValidate
      aria-label={label}
      aria-busy={isStale || undefined}
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          item={id}
          field={field}
          value={values[field.name]}
          error={errors[field.name]}
          disabled={refusal !== null || (missing !== null && !row) || isStale}
          onChange={(value) => entered.change(field.name, value)}
        />
      ))}
      <Foot
        {...{ entered, running, reason, submit, isStale, hasConflicts, cannotSend }}
        item={id}
        isMine={isMine}
        onDropped={() => setSentFor(undefined)}
        onSave={send}
      />
      {askedFor === place && (
        <ConfirmAction
          title={submit}
          question={question}
          verb={submit}
          onClose={() => setAskedFor(undefined)}
          onConfirm={() => !hasConflicts && run()}
        />
      )}
    </form>
  );
}

/** What a form for a row shows without one. */
function NoRow({ config, isStale }: { config: JsonObject; isStale: boolean }) {
  if (isStale) return <LoadingRow />;
  return <Hint text={textOf(config, "noRow") || t`Select a row to see it here.`} />;
}

interface FootProps {
  item: string | undefined;
  entered: Entered;
  running: ActionState;
  /** Why nothing can be sent; null if it can. */
  reason: string | null;
  submit: string;
  isStale: boolean;
  hasConflicts: boolean;
  cannotSend: boolean;
  /** Whether the result of the action belongs to the row. */
  isMine: boolean;
  onDropped: () => void;
  onSave: () => void;
}

/** The notice about the row, the button, and the result of the action. */
function Foot(props: FootProps) {
  const { item, entered, running, reason, submit, isStale, hasConflicts, cannotSend } = props;
  // The notice explains why nothing was changed, but it does not explain an error.
  const isError = running.outcome?.kind === "failed" && entered.state === "changed";
  const isSaid = entered.state === "same" || isError;
  return (
    <div className={classes.foot}>
      {isStale && <LoadingRow />}
      {!isStale && !running.busy && (
        <RowNotice
          item={item}
          entered={entered}
          isDisabled={cannotSend}
          onDropped={props.onDropped}
          onSave={() => {
            entered.keepMine();
            props.onSave();
          }}
        />
      )}
      {reason && (
        <Text size="xs" c="var(--jet-muted)" role="note">
          {reason}
        </Text>
      )}
      <div>
        <Button type="submit" loading={running.busy} disabled={cannotSend || hasConflicts}>
          {submit}
        </Button>
      </div>
      {(running.busy || (props.isMine && isSaid)) && <ActionOutcome action={running} />}
    </div>
  );
}
