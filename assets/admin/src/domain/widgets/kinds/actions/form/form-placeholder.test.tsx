import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { Field } from "./form-field";
import { formFields } from "./form-fields";

it.each([
  ["text", "open", "open"],
  ["longText", "open", "open"],
  ["number", "0.5", "0.5"],
  ["optionalBoolean", "true", "Yes"],
  ["optionalBoolean", "0", "No"],
  ["optionalBoolean", "", "Select…"],
  ["select", "open", "open"],
  ["select", "", "Select…"],
])("an empty field of the type %s shows its placeholder %s as %s", (type, placeholder, shown) => {
  const [field] = formFields({ fields: [{ name: "a", type, placeholder, options: ["open"] }] });
  if (!field) throw new Error("no field");
  const nothing = {
    item: undefined,
    value: null,
    error: undefined,
    disabled: false,
    onChange: () => undefined,
  };
  render(<Field field={field} {...nothing} />);
  expect(screen.getByPlaceholderText(shown)).toBeTruthy();
});
