import { NumberInput, Stack, Text, Textarea } from "@mantine/core";
import type { Parameter } from "@/lib/api/model";
import { validate } from "@/lib/validate";
import { SchemaForm } from "@/ui/schema-form/schema-form";
import { renderers } from "./fields/renderers";
import { inputsSchema } from "./form-schema";
import type { InspectorProps } from "./inspector";

const complete = (input: Partial<Parameter>): Parameter => ({ name: "", type: "string", required: false, default: null, description: "", ...input });

/** The workflow itself: what it is for, what it is given, how long it may take. */
export function WorkflowPanel({ editor: { definition, change }, editable, description, onDescription }: InspectorProps) {
  const { inputs, settings } = definition;
  const names = inputs.map(({ name }) => name);
  const twice = Object.fromEntries(names.flatMap((name, index) => (name && names.indexOf(name) < index ? [[`inputs[${index}].name`, "Another input has this name"]] : [])));
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
      <SchemaForm
        schema={inputsSchema}
        value={{ inputs }}
        errors={{ ...validate(inputsSchema, { inputs }), ...twice }}
        renderers={renderers}
        disabled={!editable}
        onChange={(value) => change((graph) => ({ ...graph, inputs: (value["inputs"] as Partial<Parameter>[] | undefined)?.map(complete) ?? [] }), "inputs")}
      />
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
