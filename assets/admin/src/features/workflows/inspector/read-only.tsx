import { t } from "@lingui/core/macro";
import { Stack, Text } from "@mantine/core";
import { RecordLink } from "@/domain/records/record-name";
import { wordOfType } from "@/domain/schema-form/parameter-types";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { JsonObject, Parameter, WorkflowNode } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import { loopOf } from "@/lib/flow/loops";
import { formatNumber } from "@/lib/format/format";
import { Fact, Facts, ReadCode } from "@/ui/facts/facts";
import { whenFull } from "./limits-editor";
import { applicable, nodeFormSchema, settingsSchemaOf } from "./node-form-schema";
import type { NodePanelProps } from "./node-panel";

const ignore = () => undefined;

/** What a step does, for people who may not change it. */
export function NodeFacts({ node, type, editor: { definition } }: NodePanelProps) {
  const whole = type ? nodeFormSchema(type) : null;
  const loop = loopOf(definition.nodes, node);
  const parent = definition.nodes.find(({ id }: WorkflowNode) => id === loop);
  return (
    <Stack gap="md">
      <Facts>
        <Fact label={t`Name`}>{titleOf(node)}</Fact>
        <Fact label={t`Name in expressions`}>
          <code>{`steps.${node.name}`}</code>
        </Fact>
        <Fact label={t`Parent loop`}>{parent && titleOf(parent)}</Fact>
      </Facts>
      {whole && (
        <SchemaForm
          schema={applicable(whole, node.config)}
          path="config"
          value={node.config}
          readOnly
          onChange={ignore}
        />
      )}
      <SchemaForm
        schema={settingsSchemaOf(type, node.settings ?? {})}
        path="settings"
        value={node.settings ?? {}}
        readOnly
        onChange={ignore}
      />
      <Facts>
        <Fact label={t`Pinned output`}>
          {node.pinnedOutput !== undefined && (
            <ReadCode
              label={t`Pinned output`}
              language="json"
              text={JSON.stringify(node.pinnedOutput, null, 2)}
            />
          )}
        </Fact>
        <Fact label={t`Notes`}>{node.notes}</Fact>
      </Facts>
    </Stack>
  );
}

interface WorkflowFactsProps {
  description: string;
  inputs: readonly Parameter[];
  settings: JsonObject;
}

/** What a workflow takes and which limits it has, for people who may not change it. */
export function WorkflowFacts({ description, inputs, settings }: WorkflowFactsProps) {
  const { timeoutSeconds, maxConcurrentRuns, whenFull: rule, errorWorkflowID } = settings;
  return (
    <Facts>
      <Fact label={t`Description`}>{description}</Fact>
      <Fact label={t`Inputs`}>
        {inputs.length > 0 && (
          <Facts inner>
            {inputs.map((input) => (
              <InputFact key={input.name} {...input} />
            ))}
          </Facts>
        )}
      </Fact>
      <Fact label={t`Timeout (s)`}>{typeof timeoutSeconds === "number" && formatNumber(timeoutSeconds)}</Fact>
      <Fact label={t`Concurrency limit`}>
        {typeof maxConcurrentRuns === "number" && formatNumber(maxConcurrentRuns)}
      </Fact>
      <Fact label={t`When the limit is reached`}>
        {typeof maxConcurrentRuns === "number" &&
          whenFull.find(({ value }) => value === (rule ?? "queue"))?.label}
      </Fact>
      <Fact label={t`Workflow to run on failure`}>
        {typeof errorWorkflowID === "string" && <RecordLink kind="workflow" id={errorWorkflowID} />}
      </Fact>
    </Facts>
  );
}

function InputFact({ name, type, required, default: standard, description }: Parameter) {
  const word = wordOfType(type);
  const value = standard === null || standard === undefined ? null : JSON.stringify(standard);
  return (
    <Fact label={<code>{name}</code>}>
      {required ? t`${word}, required` : word}
      {value !== null && ` = ${value}`}
      {description && (
        <Text size="sm" c="var(--jet-muted)">
          {description}
        </Text>
      )}
    </Fact>
  );
}
