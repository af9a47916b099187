import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { Fragment } from "react";
import classes from "./actions.module.css";

interface ConfirmActionProps {
  title: string;
  question: string;
  /** What the action is about, e.g. the first values of a row by their labels. */
  about?: readonly (readonly [label: string, value: string])[];
  verb: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Confirms an action. Open while mounted. */
export function ConfirmAction({
  title,
  question,
  about = [],
  verb,
  danger = false,
  onClose,
  onConfirm,
}: ConfirmActionProps) {
  const confirm = () => {
    onClose();
    onConfirm();
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="lg">
        <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{question}</Text>
        {about.length > 0 && (
          <dl className={classes.about}>
            {about.map(([label, value], index) => (
              // Two columns may have the same label.
              <Fragment key={index}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </Fragment>
            ))}
          </dl>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} {...(danger ? { "data-autofocus": true } : {})}>
            <Trans>Cancel</Trans>
          </Button>
          <Button {...(danger ? { color: "red" } : { "data-autofocus": true })} onClick={confirm}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Returns an action's confirmation: its own question, and that it is real while the widget is being edited. */
export function questionFor(own: string, building: boolean): string {
  return [own.trim(), building && t`This runs for real, even in preview.`].filter(Boolean).join(" ");
}
