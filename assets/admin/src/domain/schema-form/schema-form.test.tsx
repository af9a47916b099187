import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { SchemaForm } from "./schema-form";

let value: JsonObject;

/** A form with a button that brings in another value, as undo and "Use theirs" do. */
function Form({ schema, start, other = {} }: { schema: JsonSchema; start: JsonObject; other?: JsonObject }) {
  const [now, setNow] = useState(start);
  return (
    <>
      <SchemaForm
        schema={schema}
        value={now}
        onChange={(next) => {
          value = next;
          setNow(next);
        }}
      />
      <button onClick={() => setNow(other)}>use theirs</button>
    </>
  );
}

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const type = (name: string, text: string) => fireEvent.change(field(name), { target: { value: text } });
const texts = (name: string) => screen.getAllByLabelText<HTMLInputElement>(name).map((input) => input.value);

const map: JsonSchema = {
  type: "object",
  properties: { tags: { type: "object", title: "Tags", additionalProperties: { type: "string" } } },
};
const list: JsonSchema = {
  type: "object",
  properties: {
    rows: {
      type: "array",
      title: "Rows",
      items: {
        type: "object",
        properties: { name: { type: "string", title: "Name" }, size: { type: "integer", title: "Size" } },
      },
    },
  },
};

describe("lists in forms", () => {
  it("keep the texts of the other rows when one is removed", () => {
    render(
      <Form
        schema={list}
        start={{
          rows: [
            { name: "a", size: 1 },
            { name: "b", size: 2 },
          ],
        }}
      />,
    );
    const second = screen.getAllByLabelText<HTMLInputElement>("Size")[1];
    fireEvent.click(field("Remove Rows 1"));
    expect(texts("Name")).toEqual(["b"]);
    expect(screen.getByLabelText("Size")).toBe(second);
    type("Size", "25");
    expect(value).toEqual({ rows: [{ name: "b", size: 25 }] });
  });

  it("keep incomplete lines of a map, and those of others when one is removed", () => {
    render(<Form schema={map} start={{ tags: { a: "1", b: "2" } }} other={{ tags: { c: "3" } }} />);
    fireEvent.click(screen.getByText("Add"));
    expect(value).toEqual({ tags: { a: "1", b: "2" } });
    fireEvent.click(field("Remove a"));
    expect(field("Name of entry 1").value).toBe("b");
    type("Value of b", "20");
    expect(value).toEqual({ tags: { b: "20" } });
    expect(field("Name of entry 2").value).toBe("");
    fireEvent.click(screen.getByText("use theirs"));
    expect(texts("Name of entry 1")).toEqual(["c"]);
    expect(screen.queryByLabelText("Name of entry 2")).toBeNull();
  });
});

describe("numbers in forms", () => {
  it("keep all digits, also where a template may be entered", () => {
    const schema: JsonSchema = {
      type: "object",
      properties: {
        id: { type: "integer", title: "Id" },
        limit: { title: "Limit", anyOf: [{ type: "number" }, { type: "string" }] },
      },
    };
    render(<Form schema={schema} start={{ id: "9007199254740993" }} />);
    expect(field("Id").value).toBe("9007199254740993");
    type("Id", "9007199254740995");
    type("Limit", "0.1234567890123456789");
    expect(value).toEqual({ id: "9007199254740995", limit: "0.1234567890123456789" });
    expect(field("Limit").value).toBe("0.1234567890123456789");
  });
});
