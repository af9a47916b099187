import { t } from "@lingui/core/macro";
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { fillText } from "@/lib/templates/placeholders";
import { mentionsVariables, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useWidgetActions, useWidgetVariables } from "../host";
import { Scroll } from "../scroll";
import { actionOf } from "./action-config";
import { ActionOutcome } from "./action-outcome";
import { ConfirmAction, questionFor } from "./confirm-action";
import { useAction, useRefusal } from "./use-action";
import classes from "./actions.module.css";

export function ButtonWidget({ config, label, id }: WidgetProps) {
  const { building } = useWidgetActions();
  const variables = useWidgetVariables(mentionsVariables(config));
  const running = useAction(id);
  const refusalOf = useRefusal();
  const [asking, setAsking] = useState(false);
  const action = actionOf(config["action"]);
  if (!action) return <Hint text={t`Select what the button does.`} />;
  const scope = { vars: variables };
  const verb = textOf(config, "label") || label;
  const question = questionFor(fillText(textOf(config, "confirm"), scope), building);
  const danger = config["look"] === "danger";
  const refusal = refusalOf(action);
  const run = () => void running.start(action, scope, { name: verb, done: textOf(config, "done") });
  return (
    <Scroll className={classes.press} label={label}>
      {textOf(config, "text") && (
        <Text size="sm" className={classes.pressWords ?? ""}>
          {textOf(config, "text")}
        </Text>
      )}
      <div>
        <Button
          variant={config["look"] === "plain" ? "default" : "filled"}
          {...(danger ? { color: "red" } : {})}
          loading={running.busy}
          disabled={refusal !== null}
          onClick={() => (question ? setAsking(true) : run())}
        >
          {verb}
        </Button>
      </div>
      {refusal && (
        <Text size="xs" c="var(--jet-muted)">
          {refusal}
        </Text>
      )}
      <ActionOutcome action={running} />
      {asking && (
        <ConfirmAction
          title={`${verb}?`}
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
