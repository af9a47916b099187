import { describe, expect, it } from "vitest";
import type { TriggerType } from "@/lib/api/model";
import { summaryOf } from "@/lib/flow/trigger-summary";
import { newTrigger, triggerSchema, withoutOtherScheme } from "./trigger-schema";

const signature = {
  type: "object" as const,
  properties: { header: { type: "string" as const }, secret: { type: "string" as const, writeOnly: true } },
  required: ["header"],
};
const type = (properties: TriggerType["configSchema"]["properties"]): TriggerType => ({
  type: "webhook",
  name: "",
  description: "",
  configSchema: { type: "object", properties: { id: { type: "string" }, ...properties } },
});

describe("triggerSchema", () => {
  it("leaves the id to the server and has own fields for times", () => {
    const { properties } = triggerSchema(
      type({ cron: { type: "string" }, timezone: { type: "string" } }),
      [],
    );
    expect(Object.keys(properties ?? {})).toEqual(["cron", "timezone"]);
    expect(properties?.["cron"]?.["x-widget"]).toBe("cron");
  });

  it("asks for the workflow's inputs, or any object when there are none", () => {
    const input = { input: {} };
    expect(triggerSchema(type(input), []).properties?.["input"]).toMatchObject({ type: "object" });
    const inputs = [{ name: "n", type: "number" as const, required: true, default: null, description: "" }];
    expect(triggerSchema(type(input), inputs).properties?.["input"]).toMatchObject({
      properties: { n: { type: "number" } },
      required: ["n"],
    });
  });

  it("requires the secret of a signature, also within a variant", () => {
    const plain = triggerSchema(type({ signature }), []).properties?.["signature"];
    expect(plain?.required).toEqual(["header", "secret"]);
    const optional = triggerSchema(type({ signature: { anyOf: [signature, { type: "null" }] } }), [])
      .properties?.["signature"];
    expect(optional?.anyOf?.[0]?.required).toEqual(["header", "secret"]);
  });
});

describe("a signature", () => {
  it("drops another scheme's values once its sender is known", () => {
    const signature = {
      sender: "stripe" as const,
      header: "X-Own",
      prefix: "v1=",
      secret: "s",
      toleranceSeconds: 60,
    };
    expect(withoutOtherScheme({ type: "webhook", signature })).toEqual({
      type: "webhook",
      signature: { sender: "stripe", secret: "s", toleranceSeconds: 60 },
    });
    const own = { type: "webhook" as const, signature: { header: "X-Own", prefix: "v1=" } };
    expect(withoutOtherScheme(own)).toBe(own);
  });
});

describe("the summary of a trigger", () => {
  it("shows when it fires, or how it is called", () => {
    expect(summaryOf({ type: "schedule", cron: "0 9 * * *" })).toBe("0 9 * * * · UTC");
    expect(summaryOf(newTrigger("webhook"))).toBe("POST");
  });
});
