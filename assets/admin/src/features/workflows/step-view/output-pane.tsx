import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { IconPinned, IconPinnedOff } from "@tabler/icons-react";
import { StepDetails } from "@/domain/flow/run/step-details";
import { ValueView } from "@/domain/flow/run/value-view";
import { lastOf } from "../editor/known-steps";
import { update } from "../graph/commands";
import type { StepViewProps } from "./step-view";
import classes from "./step-view.module.css";

/** What a step returned in the run that is shown, or the last time that is known. */
export function OutputPane({ node, editor: { change }, runs, editable }: StepViewProps) {
  const last = lastOf(runs.known, runs.run, node.id);
  const pin = (pinnedOutput: unknown) => change((graph) => update(graph, node.id, { pinnedOutput }));
  const isPinned = node.pinnedOutput !== undefined;
  const output = last?.step.status === "COMPLETED" && !last.step.outputOmitted ? last.step.output : undefined;
  return (
    <>
      <div className={classes.outputTools}>
        {editable && (isPinned || (output !== undefined && output !== null)) && (
          <Button
            size="xs"
            variant="default"
            leftSection={isPinned ? <IconPinnedOff size={14} /> : <IconPinned size={14} />}
            onClick={() => pin(isPinned ? undefined : output)}
          >
            {isPinned ? <Trans>Unpin</Trans> : <Trans>Pin this output</Trans>}
          </Button>
        )}
      </div>
      {isPinned ? (
        <div className={classes.source}>
          <Text size="sm" c="dimmed" my="sm">
            <Trans>Tests use this pinned output. Real runs ignore it.</Trans>
          </Text>
          <ValueView value={node.pinnedOutput} label={t`Pinned output`} empty={t`No output.`} />
        </div>
      ) : last ? (
        <StepDetails run={last.run} step={last.step} />
      ) : (
        <Text size="sm" c="dimmed" p="lg">
          <Trans>No output yet. Run this step to see it.</Trans>
        </Text>
      )}
    </>
  );
}
