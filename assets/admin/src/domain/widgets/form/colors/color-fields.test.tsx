import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it } from "vitest";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { JsonObject } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { colorRenderers } from "./color-fields";

const schema: JsonSchema = {
  type: "object",
  properties: {
    color: { type: "string", title: "Color", default: "auto", "x-widget": "color" },
    colors: {
      type: "object",
      title: "Colors of values",
      additionalProperties: { type: "string" },
      "x-widget": "valueColors",
    },
  },
};
const rows = ["paid", "open", "paid"].map((status) => ({ status }));
let value: JsonObject;

function Form({ start, type = "pie" }: { start: JsonObject; type?: string }) {
  const [now, setNow] = useState(start);
  return (
    <SchemaForm
      schema={schema}
      value={now}
      renderers={colorRenderers(type, now, rows)}
      onChange={(next) => {
        value = next;
        setNow(next);
      }}
    />
  );
}

beforeEach(() => {
  value = {};
});

const choose = (field: string, option: string) => {
  const input = screen.getAllByLabelText(field).find((element) => element.tagName === "INPUT");
  fireEvent.click(input as Element);
  const found = [...document.querySelectorAll("[role=option]")].filter(
    ({ textContent }) => textContent === option,
  );
  fireEvent.click(found.at(-1) as Element);
};

it("selects a color of the palette, or another one that pages do not hide", () => {
  render(<Form start={{ label: "status" }} />);
  choose("Color", "Teal");
  expect(value["color"]).toBe("teal");
  choose("Color", "Another color");
  const input = screen.getByLabelText<HTMLInputElement>("Other color of Color");
  fireEvent.change(input, { target: { value: "#FFD400" } });
  expect(value["color"]).toBe("#2f7fc1");
  expect(screen.getByText("This color is too light for light pages. Choose a darker one.")).toBeTruthy();
  fireEvent.click(screen.getByText(/^Use #/));
  expect(String(value["color"])).toMatch(/^#[0-9a-f]{6}$/);
  expect(screen.queryByText(/too light/)).toBeNull();
  choose("Color", "Automatic");
  expect(value).not.toHaveProperty("color");
});

it("gives values of the column their colors", () => {
  render(<Form start={{ label: "status", colors: { open: "red" } }} />);
  fireEvent.click(screen.getByText("Add"));
  choose("Color of paid", "Olive");
  expect(value["colors"]).toEqual({ open: "red", paid: "olive" });
  fireEvent.click(screen.getByLabelText("Remove open"));
  expect(value["colors"]).toEqual({ paid: "olive" });
});

it("asks for the column of the values, unless nothing is set", () => {
  const { rerender } = render(<Form start={{}} type="bar" />);
  expect(screen.queryByText("Colors of values")).toBeNull();
  rerender(<Form key="2" start={{ colors: { open: "red" } }} type="bar" />);
  expect(screen.getByText(/Select the column of these values first/)).toBeTruthy();
});
