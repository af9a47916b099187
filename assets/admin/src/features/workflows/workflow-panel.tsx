import { NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { InputsEditor } from "./inputs-editor";
import type { InspectorProps } from "./inspector";
import { TriggersEditor } from "./triggers-editor";

/** The workflow itself: what it is for, what it is given, what starts it, how long it may take. */
export function WorkflowPanel({ workflow, editor: { definition, change }, problems, editable, description, onDescription }: InspectorProps) {
  const { inputs, settings } = definition;
  const limit = settings["timeoutSeconds"];
  const setLimit = (seconds: number | undefined) =>
    change((graph) => {
      const { timeoutSeconds: _, ...rest } = graph.settings;
      return { ...graph, settings: seconds === undefined ? rest : { ...rest, timeoutSeconds: seconds } };
    }, "timeout");
  return (
    <Stack p="lg" gap="lg">
      <Text fw={600}>Workflow</Text>
      <Textarea label="Description" placeholder="What it is for" autosize minRows={1} maxRows={8} maxLength={4000} value={description} disabled={!editable} onChange={(event) => onDescription(event.currentTarget.value)} />
      <InputsEditor inputs={inputs} editable={editable} onChange={(next) => change((graph) => ({ ...graph, inputs: next }), "inputs")} />
      <TriggersEditor workflow={workflow} definition={definition} problems={problems} editable={editable} onChange={(triggers) => change((graph) => ({ ...graph, triggers }), "triggers")} />
      <NumberInput
        label="Time limit (s)"
        description="For a whole run; none when empty"
        min={1}
        max={2_592_000}
        allowDecimal={false}
        clampBehavior="none"
        disabled={!editable}
        value={typeof limit === "number" ? limit : ""}
        onChange={(value) => setLimit(typeof value === "number" && value > 0 ? value : undefined)}
      />
    </Stack>
  );
}
