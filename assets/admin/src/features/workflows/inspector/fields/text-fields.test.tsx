import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { NodeType } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { nodeFormSchema } from "../node-form-schema";
import { NodeFormContext } from "./node-form-context";
import { renderers } from "./renderers";

const setType = {
  type: "set",
  configSchema: {
    type: "object",
    required: ["values"],
    properties: { values: { type: "object", title: "Values", additionalProperties: true } },
  },
} as unknown as NodeType;
const switchType = {
  type: "switch",
  dynamicHandles: "cases",
  configSchema: { type: "object", properties: { cases: { type: "array", items: { type: "object" } } } },
} as unknown as NodeType;

const form = { config: {}, suggestions: [{ path: "input.total", detail: "number" }] };

let config: unknown;

function Editor({ type, start }: { type: NodeType; start: unknown }) {
  const [value, setValue] = useState(start);
  return (
    <NodeFormContext.Provider value={form}>
      <SchemaForm
        schema={nodeFormSchema(type)}
        path="config"
        value={value as Record<string, unknown>}
        errors={{}}
        renderers={renderers}
        onChange={(next) => {
          config = next;
          setValue(next);
        }}
      />
    </NodeFormContext.Provider>
  );
}

const type = (label: string, text: string) => {
  const input = screen.getByLabelText<HTMLTextAreaElement>(label);
  const whole = input.value + text;
  fireEvent.change(input, { target: { value: whole, selectionStart: whole.length } });
  return screen.getByLabelText<HTMLTextAreaElement>(label).value;
};

beforeEach(() => {
  config = undefined;
});

describe("a new value", () => {
  it("is empty, and is the expression that is typed into it", () => {
    render(<Editor type={setType} start={{ values: {} }} />);
    fireEvent.click(screen.getByText("Add"));
    fireEvent.change(screen.getByLabelText("Name of entry 1"), { target: { value: "total" } });
    expect(type("Value of total", "")).toBe("");
    expect(type("Value of total", "{{ input.total }}")).toBe("{{ input.total }}");
    expect(config).toEqual({ values: { total: "{{ input.total }}" } });
  });

  it("is empty again once its text is removed", () => {
    render(<Editor type={setType} start={{ values: { total: 5 } }} />);
    const input = screen.getByLabelText<HTMLTextAreaElement>("Value of total");
    fireEvent.change(input, { target: { value: "" } });
    expect(config).toEqual({ values: { total: "" } });
    expect(type("Value of total", "")).toBe("");
  });

  it("is empty in a case of a switch", () => {
    render(<Editor type={switchType} start={{ cases: [{ id: "case1", label: "", equals: "" }] }} />);
    expect(type("Equals", "{{ input.total }}")).toBe("{{ input.total }}");
    expect(config).toEqual({ cases: [{ id: "case1", label: "", equals: "{{ input.total }}" }] });
  });
});
