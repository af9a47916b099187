import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Accordion, ActionIcon, Alert, Button, Group, Input, Menu, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { FieldRenderer } from "@/domain/schema-form/context";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useTriggerTypes } from "@/lib/api/catalog";
import type {
  JsonObject,
  Problem,
  TriggerState,
  TriggerType,
  Workflow,
  WorkflowTrigger,
} from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { summaryOf } from "@/lib/flow/trigger-summary";
import { hasErrorBelow, type FieldErrors } from "@/lib/schema/paths";
import { Time } from "@/ui/text/time";
import { errorsOfTriggers } from "../editor/problems";
import type { Definition } from "../graph/definition";
import { CronField, TimezoneContext, TimezoneField } from "../inspector/fields/cron-field";
import classes from "../workflows.module.css";
import { newTrigger, triggerSchema, withoutOtherScheme } from "./trigger-schema";
import { WebhookAddress } from "./webhook-address";

const MOST = 20;
/** Refresh interval of the next runs. */
const REFRESH_MS = 15_000;

const renderers: Record<string, FieldRenderer> = {
  cron: (props) => <CronField {...props} />,
  timezone: (props) => <TimezoneField {...props} />,
};

interface TriggersEditorProps {
  workflow: Workflow;
  definition: Definition;
  problems: readonly Problem[];
  editable: boolean;
  /** Enables the workflow; undefined without permission. */
  onEnable?: (() => void) | undefined;
  onChange: (triggers: WorkflowTrigger[]) => void;
}

/** Edits the triggers of a workflow. */
export function TriggersEditor({
  workflow,
  definition,
  problems,
  editable,
  onEnable,
  onChange,
}: TriggersEditorProps) {
  const { triggers } = definition;
  const types = useTriggerTypes().data ?? [];
  const saved = useOne("workflow", workflow.id, {
    refetchInterval: REFRESH_MS,
    enabled: triggers.length > 0,
  });
  const states = saved.data?.triggerStates ?? [];
  const errors = errorsOfTriggers(problems);
  const [open, setOpen] = useState<string | null>(null);
  const add = (type: WorkflowTrigger["type"]) => {
    onChange([...triggers, newTrigger(type)]);
    setOpen(String(triggers.length));
  };
  return (
    <Input.Wrapper
      label={t`Triggers`}
      labelElement="div"
      description={t`Start runs automatically while the workflow is enabled`}
    >
      <Accordion
        variant="default"
        chevronPosition="left"
        value={open}
        onChange={setOpen}
        mx={-16}
        classNames={{ label: classes.fold ?? "", control: classes.foldControl ?? "" }}
      >
        {triggers.map((trigger, index) => {
          const type = types.find((candidate) => candidate.type === trigger.type);
          const state = states.find(({ id }) => trigger.id && id === trigger.id);
          return (
            <Accordion.Item key={trigger.id || index} value={String(index)}>
              <Accordion.Control>
                {type?.name ?? trigger.type}
                <Summary
                  trigger={trigger}
                  state={state}
                  off={!workflow.enabled}
                  wrong={hasErrorBelow(errors, `triggers[${index}]`)}
                />
              </Accordion.Control>
              <Accordion.Panel>
                {open === String(index) && type && (
                  <TriggerForm
                    workflow={workflow}
                    onEnable={onEnable}
                    definition={definition}
                    index={index}
                    trigger={trigger}
                    type={type}
                    state={state}
                    errors={errors}
                    editable={editable}
                    onChange={(next) => onChange(triggers.map((other, at) => (at === index ? next : other)))}
                  />
                )}
                {editable && (
                  <Group mt="sm" justify="flex-end">
                    <ActionIcon
                      aria-label={t`Remove ${type?.name ?? trigger.type} ${summaryOf(trigger)}`}
                      onClick={() => {
                        onChange(triggers.filter((_, at) => at !== index));
                        setOpen(null);
                      }}
                    >
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Group>
                )}
              </Accordion.Panel>
            </Accordion.Item>
          );
        })}
      </Accordion>
      {editable && <AddTrigger types={types} disabled={triggers.length >= MOST} onAdd={add} />}
    </Input.Wrapper>
  );
}

function AddTrigger({
  types,
  disabled,
  onAdd,
}: {
  types: readonly TriggerType[];
  disabled: boolean;
  onAdd: (type: WorkflowTrigger["type"]) => void;
}) {
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button mt="sm" size="xs" variant="default" leftSection={<IconPlus size={14} />} disabled={disabled}>
          <Trans>Add trigger</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {types.map(({ type, name, description }) => (
          <Menu.Item key={type} onClick={() => onAdd(type)}>
            {name}
            <Text size="xs" c="dimmed">
              {description}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Summary({
  trigger,
  state,
  off,
  wrong,
}: {
  trigger: WorkflowTrigger;
  state: TriggerState | undefined;
  off: boolean;
  wrong: boolean;
}) {
  return (
    <Text span size="sm" c={wrong ? "var(--mantine-color-error)" : "dimmed"} ml={8}>
      {summaryOf(trigger)}
      {(trigger.enabled === false || off) && (
        <> · {trigger.enabled === false ? t`disabled` : t`workflow is disabled`}</>
      )}
      {state?.nextAt && (
        <>
          {" · "}
          <Time value={state.nextAt} />
        </>
      )}
    </Text>
  );
}

interface TriggerFormProps {
  workflow: Workflow;
  onEnable: (() => void) | undefined;
  definition: Definition;
  index: number;
  trigger: WorkflowTrigger;
  type: TriggerType;
  state: TriggerState | undefined;
  errors: FieldErrors;
  editable: boolean;
  onChange: (trigger: WorkflowTrigger) => void;
}

/** Shown because triggers of a disabled workflow start nothing, even if they are enabled. */
function OffAlert({ kind, onEnable }: { kind: WorkflowTrigger["type"]; onEnable: (() => void) | undefined }) {
  return (
    <Alert color="yellow" variant="light" title={t`This workflow is disabled`}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {kind === "webhook"
            ? t`Requests to this URL return 404 until the workflow is enabled.`
            : t`This trigger does not start runs until the workflow is enabled.`}
        </Text>
        {onEnable && (
          <Button size="xs" variant="default" onClick={onEnable}>
            <Trans>Enable workflow</Trans>
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function TriggerForm({
  workflow,
  onEnable,
  definition,
  index,
  trigger,
  type,
  state,
  errors,
  editable,
  onChange,
}: TriggerFormProps) {
  const { type: kind, ...fields } = trigger;
  return (
    <TimezoneContext.Provider value={trigger.type === "schedule" ? (trigger.timezone ?? "UTC") : "UTC"}>
      <Stack gap="md">
        {!workflow.enabled && <OffAlert kind={kind} onEnable={onEnable} />}
        {state?.failure && (
          <Alert color="yellow" variant="light" title={t`The last trigger event did not start a run`}>
            <Time value={state.failure.at} />: {state.failure.message}
          </Alert>
        )}
        {kind === "webhook" && <WebhookAddress workflowID={workflow.id} state={state} editable={editable} />}
        <SchemaForm
          schema={triggerSchema(type, definition.inputs)}
          path={`triggers[${index}]`}
          value={fields as JsonObject}
          errors={errors}
          secrets={state?.secretSet ? ["signature/secret"] : []}
          renderers={renderers}
          readOnly={!editable}
          onChange={(next) => onChange(withoutOtherScheme({ ...next, type: kind } as WorkflowTrigger))}
        />
      </Stack>
    </TimezoneContext.Provider>
  );
}
