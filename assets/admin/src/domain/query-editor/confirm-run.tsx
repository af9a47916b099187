import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import type { Parameter } from "@/lib/api/model";
import classes from "./data-queries.module.css";
import { sqlOf } from "./draft";
import type { Runner } from "./run";

/** Asks before a query that changes data is run: shows what would run, and with which values. */
export function ConfirmRun({ runner, previews }: { runner: Runner; previews: boolean }) {
  const { question, confirm, dismiss } = runner;
  return (
    <Modal
      opened={question !== null}
      onClose={dismiss}
      title={t`Run a query that changes data?`}
      closeButtonProps={{ "aria-label": t`Close` }}
      size="lg"
    >
      {question && (
        <Stack gap="md">
          <Code block className={classes.asked ?? ""} tabIndex={0} aria-label={t`Query`}>
            {sqlOf(question.draft).trim() || JSON.stringify(question.draft.options, null, 2)}
          </Code>
          <Values declared={question.draft.parameters} given={question.parameters} />
          {previews && (
            <Text size="sm" c="dimmed">
              <Trans>
                A preview runs in a transaction, tells how many rows would change, and rolls back.
              </Trans>
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={dismiss}>
              <Trans>Cancel</Trans>
            </Button>
            {previews && (
              <Button variant="default" onClick={() => confirm("preview")}>
                <Trans>Preview changes</Trans>
              </Button>
            )}
            <Button onClick={() => confirm("run")} data-autofocus>
              <Trans>Run</Trans>
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

interface ValuesProps {
  declared: readonly Parameter[];
  given: Readonly<Record<string, unknown>>;
}

/** Lists the value of each parameter: what was entered, else its default. */
function Values({ declared, given }: ValuesProps) {
  if (declared.length === 0) return null;
  const values = declared.map(
    ({ name, default: standard }) => [name, given[name] ?? standard ?? null] as const,
  );
  return (
    <dl className={classes.askedValues} aria-label={t`Values`}>
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
