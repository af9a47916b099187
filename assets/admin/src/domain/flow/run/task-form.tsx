import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useCan } from "@/lib/api/me";
import type { Decision, JsonObject, Parameter, Step } from "@/lib/api/model";
import { useAnswerTask, useTasks } from "@/lib/api/subjects/tasks";
import { serverText } from "@/lib/i18n";
import { inputSchema, startingInput } from "@/lib/schema/input-schema";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { Time } from "@/ui/text/time";
import { inputErrors, inputRenderers } from "./input-fields";
import classes from "./run.module.css";

const ProseMarkdown = lazy(async () => ({
  default: (await import("@/ui/text/prose-markdown")).ProseMarkdown,
}));

interface TaskFormProps {
  instanceID: string;
  task: NonNullable<Step["task"]>;
  dueAt?: string | null | undefined;
  /** False if the title is already shown above it. */
  titled?: boolean;
  onAnswered?: () => void;
}

/** The form of an approval that a step waits for. */
export function TaskForm({ instanceID, task, dueAt, titled = true, onAnswered }: TaskFormProps) {
  const can = useCan();
  const { data: open } = useTasks();
  const fields = (task.fields ?? []) as Parameter[];
  const isMine = open?.find(({ id }) => id === task.id)?.isMine ?? can("workflow:execute");
  const asked = task.assignees ?? [];
  return (
    <section className={classes.task} aria-label={task.title}>
      {titled && <Text fw={600}>{task.title}</Text>}
      {(asked.length > 0 || dueAt) && (
        <Text size="sm" c="dimmed">
          {asked.length > 0 && <Trans>Assigned to {asked.map(serverText).join(", ")}.</Trans>}{" "}
          {dueAt && (
            <Trans>
              Expires <Time value={dueAt} />.
            </Trans>
          )}
        </Text>
      )}
      {task.description && (
        <Suspense fallback={null}>
          <ProseMarkdown text={task.description} />
        </Suspense>
      )}
      {isMine ? (
        <Answer instanceID={instanceID} taskID={task.id} fields={fields} onAnswered={onAnswered} />
      ) : (
        <Text size="sm" c="dimmed">
          <Trans>This approval is assigned to others.</Trans>
        </Text>
      )}
    </section>
  );
}

/** Returns the entered values: a rejection keeps its comment, and may leave out the rest. */
const filledIn = (data: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );

interface AnswerProps {
  instanceID: string;
  taskID: string;
  fields: readonly Parameter[];
  onAnswered: (() => void) | undefined;
}

function Answer({ instanceID, taskID, fields, onAnswered }: AnswerProps) {
  const schema = inputSchema(fields);
  const answer = useAnswerTask();
  const [data, setData] = useState<JsonObject>(() =>
    startingInput(
      fields,
      Object.fromEntries(
        fields.flatMap((field) =>
          field.default === null || field.default === undefined ? [] : [[field.name, field.default]],
        ),
      ),
    ),
  );
  const [broken, setBroken] = useState<FieldErrors>({});
  const [error, setError] = useState<unknown>(null);
  const refused = inputErrors(error, fields, "data");
  const landed =
    Object.keys(refused).length > 0 && Object.keys(refused).every((path) => path.startsWith("data."));

  const send = (decision: Decision) => {
    // A rejection does not require the fields.
    const found = decision === "approved" ? validate(schema, data, "data") : {};
    setBroken(found);
    setError(null);
    if (Object.keys(found).length) return;
    answer.mutate(
      { instanceID, taskID, decision, data: decision === "approved" ? data : filledIn(data) },
      {
        onSuccess: () => {
          notify.done(decision === "approved" ? t`Approved` : t`Rejected`);
          onAnswered?.();
        },
        onError: setError,
      },
    );
  };
  const busy = (decision: Decision) => answer.isPending && answer.variables.decision === decision;

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send("approved");
      }}
    >
      <Stack gap="md">
        {fields.length > 0 && (
          <SchemaForm
            schema={schema}
            path="data"
            value={data}
            onChange={setData}
            errors={{ ...refused, ...broken }}
            renderers={inputRenderers}
          />
        )}
        {Boolean(error) && !landed && <ErrorPanel error={error} title={t`Could not submit the answer`} />}
        <Group gap="sm">
          <Button
            type="submit"
            leftSection={<IconCheck size={16} />}
            loading={busy("approved")}
            disabled={answer.isPending}
          >
            <Trans>Approve</Trans>
          </Button>
          <Button
            variant="default"
            leftSection={<IconX size={16} />}
            loading={busy("rejected")}
            disabled={answer.isPending}
            onClick={() => send("rejected")}
          >
            <Trans>Reject</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
