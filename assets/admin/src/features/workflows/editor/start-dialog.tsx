import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Checkbox, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import type { Workflow } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import type { Definition } from "../graph/definition";
import type { Effect } from "../graph/effects";
import type { Asked, Runs } from "./use-runs";

interface StartDialogProps {
  asked: Asked;
  workflow: Workflow;
  definition: Definition;
  runs: Runs;
}

/** Asks for the inputs of a run. Before a test it also lists what the test does outside, and can leave steps out. */
export function StartDialog({ asked, workflow, definition, runs }: StartDialogProps) {
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const close = () => runs.setAsking(null);
  if (asked.mode === "run")
    return (
      <RunDialog
        title={t`Run ${workflow.name}`}
        verb={t`Run`}
        inputs={workflow.inputs}
        earlier={runs.run?.input}
        onClose={close}
        onRun={(input) => runs.start(asked, input)}
      />
    );
  const { inputs } = definition;
  return (
    <RunDialog
      title={asked.part ? t`Test part of the workflow` : t`Test workflow`}
      verb={t`Test`}
      about={<TestNotes asked={asked} held={held} onHold={setHeld} />}
      inputs={inputs}
      earlier={runs.sample}
      onClose={close}
      onRun={(input) => runs.start(asked, inputs.length ? input : (runs.sample ?? {}), held)}
    />
  );
}

interface TestNotesProps {
  asked: Extract<Asked, { mode: "test" }>;
  held: ReadonlySet<string>;
  onHold: (held: ReadonlySet<string>) => void;
}

function TestNotes({ asked: { part, effects }, held, onHold }: TestNotesProps) {
  const toggle = ({ node }: Effect) => {
    const next = new Set(held);
    if (!next.delete(node.id)) next.add(node.id);
    onHold(next);
  };
  const before = part?.before.map(({ name }) => name).join(", ");
  const count = part?.before.length ?? 0;
  return (
    <Stack gap="sm">
      {count > 0 && (
        <Text size="sm">
          {plural(count, {
            one: `Also runs the earlier step ${before}.`,
            other: `Also runs the earlier steps ${before}.`,
          })}
        </Text>
      )}
      {effects.length > 0 && (
        <Stack gap={6} role="group" aria-label={t`What this test really does`}>
          <Text size="sm">
            <Trans>This test really does the following. Clear a box to leave the step out.</Trans>
          </Text>
          {effects.map((effect) => (
            <Checkbox
              key={effect.node.id}
              size="sm"
              checked={!held.has(effect.node.id)}
              label={effect.what}
              description={t`Step ${titleOf(effect.node)}`}
              onChange={() => toggle(effect)}
            />
          ))}
        </Stack>
      )}
    </Stack>
  );
}
