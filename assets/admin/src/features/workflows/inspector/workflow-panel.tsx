import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text, Textarea } from "@mantine/core";
import { errorsOfSettings } from "../editor/problems";
import { TriggersEditor } from "../triggers/triggers-editor";
import { InputsEditor } from "./inputs-editor";
import type { InspectorProps } from "./inspector";
import { LimitsEditor } from "./limits-editor";
import { WorkflowFacts } from "./read-only";

/** Edits the workflow itself: description, inputs, triggers and limits. */
export function WorkflowPanel({
  workflow,
  editor: { definition, change },
  problems,
  editable,
  onEnable,
  description,
  onDescription,
}: InspectorProps) {
  const { inputs, settings } = definition;
  return (
    <Stack p="lg" gap="lg">
      <Text fw={600}>
        <Trans>Workflow</Trans>
      </Text>
      {editable ? (
        <>
          <Textarea
            label={t`Description`}
            placeholder={t`What this workflow does`}
            autosize
            minRows={1}
            maxRows={8}
            maxLength={4000}
            value={description}
            onChange={(event) => onDescription(event.currentTarget.value)}
          />
          <InputsEditor
            inputs={inputs}
            onChange={(next) => change((graph) => ({ ...graph, inputs: next }), "inputs")}
          />
        </>
      ) : (
        <WorkflowFacts description={description} inputs={inputs} settings={settings} />
      )}
      {(editable || definition.triggers.length > 0) && (
        <TriggersEditor
          workflow={workflow}
          definition={definition}
          problems={problems}
          editable={editable}
          onEnable={editable ? onEnable : undefined}
          onChange={(triggers) => change((graph) => ({ ...graph, triggers }), "triggers")}
        />
      )}
      {editable && (
        <LimitsEditor
          settings={settings}
          errors={errorsOfSettings(problems)}
          onChange={(next, tag) => change((graph) => ({ ...graph, settings: next }), tag)}
        />
      )}
    </Stack>
  );
}
