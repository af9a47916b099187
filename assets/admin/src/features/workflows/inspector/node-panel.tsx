import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Accordion, ActionIcon, Alert, Group, Stack, Text, Textarea, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowsDiagonal,
  IconCopy,
  IconPlayerPlay,
  IconTrash,
} from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { NodeIcon } from "@/domain/flow/canvas/node-icon";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useCan, useMayTry } from "@/lib/api/me";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { START } from "@/lib/flow/graph";
import { hasErrorBelow, type FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { prose } from "@/ui/text/prose";
import { shortHelp } from "@/ui/text/short-help";
import { errorsWithin } from "../editor/problems";
import { update } from "../graph/commands";
import { copied } from "../graph/pieces";
import classes from "../workflows.module.css";
import { ConnectionsPanel } from "./connections-panel";
import { LoopField } from "./loop-field";
import { NameFields } from "./name-fields";
import { suggestionsFor } from "./expressions";
import { NodeFormContext } from "./fields/node-form-context";
import { renderers } from "./fields/renderers";
import { applicable, nodeFormSchema, settingsSchema, settingsSchemaOf } from "./node-form-schema";
import type { InspectorProps } from "./inspector";
import { PinnedPanel } from "./pinned-panel";
import { NodeFacts } from "./read-only";

export interface NodePanelProps extends InspectorProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  /** The step is open at full width. */
  wide?: boolean;
}

/** Edits one step: its name, the form of its type, and its settings. */
export function NodePanel(props: NodePanelProps) {
  const { node, type, problems, editable, wide = false } = props;
  const errors: FieldErrors = {
    ...errorsWithin(problems, node.id),
    ...validate(settingsSchema, node.settings ?? {}, "settings"),
  };
  const form = useNodeFormContext(props);
  const own = problems.filter(
    ({ nodeID, path }) => nodeID === node.id && !/\.(config|settings|name|title)\b/.test(path ?? ""),
  );
  return (
    <NodeFormContext.Provider value={form}>
      <Stack p="lg" gap="lg">
        {!wide && <PanelHead {...props} />}
        {type?.description && (
          <Text size="sm" c="dimmed" {...(wide ? {} : { mt: -12 })}>
            {prose(type.description)}
          </Text>
        )}
        {own.map(({ message }) => (
          <Alert key={message} color="yellow" variant="light" icon={<IconAlertTriangle size={16} />} p="xs">
            {message}
          </Alert>
        ))}
        {editable ? <Form {...props} errors={errors} /> : <NodeFacts {...props} />}
      </Stack>
    </NodeFormContext.Provider>
  );
}

/** The fields of a step: its name, its loop, the form of its type and its settings. */
function Form(props: NodePanelProps & { errors: FieldErrors }) {
  const { node, type, editor, errors } = props;
  const { definition, change } = editor;
  const whole = useMemo(() => (type ? nodeFormSchema(type) : null), [type]);
  const schema = whole && applicable(whole, node.config);
  return (
    <>
      <NameFields key={node.id} node={node} editor={editor} error={errors["title"] ?? errors["name"]} />
      <LoopField node={node} nodes={definition.nodes} actions={props.actions} />
      {schema && Object.keys(schema.properties ?? {}).length > 0 && (
        <SchemaForm
          schema={schema}
          path="config"
          value={node.config}
          errors={errors}
          renderers={renderers}
          describe={shortHelp}
          onChange={(config) => change((graph) => update(graph, node.id, { config }), `config ${node.id}`)}
        />
      )}
      <Behaviour {...props} errors={errors} />
    </>
  );
}

/** The type of the step, and what can be done with it. */
function PanelHead({ node, type, editor: { definition }, actions, editable, onOpen, onRun }: NodePanelProps) {
  const mayTest = useMayTry("workflow") && node.type !== START;
  return (
    <Group gap="sm" wrap="nowrap">
      <NodeIcon type={node.type} size={18} />
      <Text fw={600} flex={1}>
        {type?.name ?? node.type}
      </Text>
      {mayTest && (
        <Tooltip label={t`Run this step`}>
          <ActionIcon aria-label={t`Run this step`} onClick={() => onRun(node.id)}>
            <IconPlayerPlay size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={t`Open with input and output`}>
        <ActionIcon aria-label={t`Open step`} onClick={() => onOpen(node.id)}>
          <IconArrowsDiagonal size={16} />
        </ActionIcon>
      </Tooltip>
      {editable && node.type !== START && (
        <>
          <Tooltip label={t`Duplicate`}>
            <ActionIcon
              aria-label={t`Duplicate step`}
              onClick={() => actions.paste(copied(definition, new Set([node.id])), { by: 32 })}
            >
              <IconCopy size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t`Delete`}>
            <ActionIcon aria-label={t`Delete step`} onClick={() => actions.remove([node.id])}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </Group>
  );
}

function useNodeFormContext({ node, editor: { definition }, steps }: NodePanelProps) {
  const { nodes, edges, inputs } = definition;
  const can = useCan();
  const { items: variables } = useList(
    "variable",
    { sort: "name", limit: 200 },
    { enabled: can("variable:list") },
  );
  const suggestions = useMemo(
    () => suggestionsFor({ nodes, edges }, inputs, node.id, steps, variables),
    [nodes, edges, inputs, node.id, steps, variables],
  );
  return useMemo(() => ({ config: node.config, suggestions }), [node.config, suggestions]);
}

/** The settings that all types have, collapsed. */
function Behaviour(props: NodePanelProps & { errors: FieldErrors }) {
  const { node, type, editor, errors } = props;
  const { change } = editor;
  const [open, setOpen] = useState<string[]>(() => (hasErrorBelow(errors, "settings") ? ["settings"] : []));
  return (
    <Accordion
      multiple
      variant="default"
      chevronPosition="left"
      value={open}
      onChange={setOpen}
      mx={-16}
      classNames={{ label: classes.fold ?? "", control: classes.foldControl ?? "" }}
    >
      {node.type !== START && (
        <Accordion.Item value="settings">
          <Accordion.Control>
            <Trans>Settings</Trans>
          </Accordion.Control>
          <Accordion.Panel>
            <SchemaForm
              schema={settingsSchemaOf(type, node.settings ?? {})}
              path="settings"
              value={node.settings ?? {}}
              errors={errors}
              onChange={(settings) =>
                change((graph) => update(graph, node.id, { settings }), `settings ${node.id}`)
              }
            />
          </Accordion.Panel>
        </Accordion.Item>
      )}
      <Accordion.Item value="connections">
        <Accordion.Control>
          <Trans>Connections</Trans>
        </Accordion.Control>
        <Accordion.Panel>
          <ConnectionsPanel node={node} type={type} editor={editor} />
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="pinned">
        <Accordion.Control>
          <Trans>Pinned output</Trans>
        </Accordion.Control>
        <Accordion.Panel>
          <PinnedPanel
            node={node}
            step={props.steps.findLast(({ nodeID }) => nodeID === node.id)}
            change={change}
          />
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="notes">
        <Accordion.Control>
          <Trans>Notes</Trans>
        </Accordion.Control>
        <Accordion.Panel>
          <Textarea
            aria-label={t`Notes`}
            placeholder={t`What this step is for`}
            autosize
            minRows={2}
            maxRows={12}
            maxLength={4000}
            value={node.notes ?? ""}
            onChange={(event) => {
              const notes = event.currentTarget.value || undefined;
              change((graph) => update(graph, node.id, { notes }), `notes ${node.id}`);
            }}
          />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
