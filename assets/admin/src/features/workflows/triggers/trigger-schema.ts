import { t } from "@lingui/core/macro";
import type { Parameter, TriggerType, WorkflowTrigger } from "@/lib/api/model";
import { inputSchema } from "@/lib/schema/input-schema";
import type { JsonSchema } from "@/lib/schema/json-schema";

/**
 * Returns the form of a trigger: this editor's own fields for times and time zones, the workflow's inputs, and a
 * required secret.
 */
export function triggerSchema({ configSchema }: TriggerType, inputs: readonly Parameter[]): JsonSchema {
  const { id: _, ...properties } = configSchema.properties ?? {};
  const { cron, timezone, input, signature } = properties;
  return {
    ...configSchema,
    properties: {
      ...properties,
      ...(cron && { cron: { ...cron, "x-widget": "cron" } }),
      ...(timezone && { timezone: { ...timezone, "x-widget": "timezone" } }),
      ...(input && {
        input: {
          ...(inputs.length ? inputSchema(inputs) : { type: "object" }),
          title: t`Input`,
          description: input.description ?? "",
          default: {},
        },
      }),
      ...(signature && { signature: withSecret(signature) }),
    },
  };
}

/** Makes the secret of a signature required. */
function withSecret(schema: JsonSchema): JsonSchema {
  const options = schema.anyOf?.map(withSecret);
  const own = schema.properties?.["secret"] ? { required: [...(schema.required ?? []), "secret"] } : {};
  return { ...schema, ...own, ...(options ? { anyOf: options } : {}) };
}

/** A known sender has its own scheme: values entered for another one are dropped. */
export function withoutOtherScheme(trigger: WorkflowTrigger): WorkflowTrigger {
  if (trigger.type !== "webhook" || !trigger.signature || (trigger.signature.sender ?? "custom") === "custom")
    return trigger;
  const { sender, secret, toleranceSeconds } = trigger.signature;
  return {
    ...trigger,
    signature: {
      sender,
      ...(secret !== undefined && { secret }),
      ...(toleranceSeconds !== undefined && { toleranceSeconds }),
    },
  };
}

const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Returns the initial value of a new trigger. */
export function newTrigger(type: WorkflowTrigger["type"]): WorkflowTrigger {
  return type === "schedule"
    ? { type, cron: "0 9 * * *", timezone: here(), input: {}, missed: "skip", enabled: true }
    : { type, methods: ["POST"], answer: "immediately", enabled: true };
}
