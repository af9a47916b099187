import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { useState } from "react";
import { allMet, someAllMet } from "@/lib/rows/conditions";
import { fillWords } from "@/lib/templates/placeholders";
import { RefusableButton } from "@/ui/input/refusable-button";
import { mentionsVariables, textOf, type WidgetProps } from "../config";
import { useWidgetDrawer } from "../drawer";
import { Hint } from "../hint";
import { useWidgetActions, useWidgetVariables } from "../host";
import { Scroll } from "../scroll";
import { planOf } from "./action-config";
import { ActionOutcome } from "./action-outcome";
import { ConfirmAction, questionFor } from "./confirm-action";
import { readsRow, refusedForm } from "./form/refused-form";
import { reasonOf } from "./reason";
import { useUnfilled, useUserScope } from "./unresolved";
import { useAction, useRefusal } from "./use-action";
import classes from "./actions.module.css";

export function ButtonWidget({ config, label, id }: WidgetProps) {
  const { building, open, widgetOf } = useWidgetActions();
  const variables = useWidgetVariables(mentionsVariables(config));
  const row = useWidgetDrawer()?.row;
  const user = useUserScope();
  const running = useAction(id);
  const refusalOf = useRefusal();
  const unfilled = useUnfilled();
  const [asking, setAsking] = useState(false);
  const plan = planOf(config);
  if (!plan) return <Hint text={t`Select what the button does.`} />;
  const scope = { row, vars: variables };
  const compared = { ...scope, user };
  if (!building && !allMet(plan.when, compared)) return null;
  const verb = textOf(config, "label") || label;
  const question = questionFor(
    fillWords(textOf(config, "confirm"), compared),
    building && plan.action !== null,
  );
  const danger = config["look"] === "danger";
  const opened = plan.to?.type === "widget" ? widgetOf?.(plan.to.widgetID) : undefined;
  const refusal =
    refusalOf(plan.action) ??
    // A form for something new that the reader may not send is of no use to them.
    (row || readsRow(opened) ? null : refusedForm(opened, refusalOf)) ??
    (someAllMet(plan.disabledWhen, compared) ? reasonOf(plan.disabledWhen) : null) ??
    unfilled([plan.action, ...plan.then], scope);
  const run = () => {
    if (plan.action) void running.start(plan.action, scope, { name: verb, done: plan.done, plan });
    else if (plan.to) open?.(plan.to, scope);
  };
  return (
    <Scroll className={classes.press} label={label}>
      {textOf(config, "text") && (
        <Text size="sm" className={classes.pressWords ?? ""}>
          {textOf(config, "text")}
        </Text>
      )}
      <RefusableButton
        refusal={refusal}
        variant={config["look"] === "plain" ? "default" : "filled"}
        {...(danger ? { color: "red" } : {})}
        loading={running.busy}
        disabled={refusal === null && plan.action === null && !open}
        onClick={() => (question ? setAsking(true) : run())}
      >
        {verb}
      </RefusableButton>
      {refusal && (
        <Text size="xs" c="var(--jet-muted)" className={classes.pressReason ?? ""}>
          {refusal}
        </Text>
      )}
      <ActionOutcome action={running} subject="" />
      {asking && (
        <ConfirmAction
          title={verb}
          question={question}
          verb={verb}
          danger={danger}
          onClose={() => setAsking(false)}
          onConfirm={run}
        />
      )}
    </Scroll>
  );
}
