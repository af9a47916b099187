import { fireEvent, screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { JsonObject, Parameter } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { ParameterMapping } from "./parameter-mapping";

const parameter = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  type: "string",
  required: false,
  default: null,
  description: "",
  allowed: [],
  ...more,
});

function shown(parameters: Parameter[], value: JsonObject = {}) {
  const onChange = vi.fn();
  render(<ParameterMapping parameters={parameters} value={value} errors={{}} onChange={onChange} />);
  return onChange;
}

function choose(label: string, option: string) {
  const [input] = screen.getAllByLabelText(label);
  if (!input) throw new Error(`no ${label}`);
  fireEvent.click(input);
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
  if (!list) throw new Error(`no options of ${label}`);
  fireEvent.click(within(list).getByRole("option", { name: option, hidden: true }));
}

it("binds a parameter to the signed-in user", () => {
  const onChange = shown([parameter("owner"), parameter("user_name")]);
  choose("Source of owner", "Signed-in user");
  expect(onChange).toHaveBeenLastCalledWith({ owner: "{{ user.email }}" });
  choose("Source of user_name", "Signed-in user");
  expect(onChange).toHaveBeenLastCalledWith({ user_name: "{{ user.name }}" });
});

it("selects which field of the user", () => {
  const onChange = shown([parameter("owner")], { owner: "{{ user.email }}" });
  choose("User field for owner", "ID");
  expect(onChange).toHaveBeenLastCalledWith({ owner: "{{ user.id }}" });
  choose("Source of owner", "Default");
  expect(onChange).toHaveBeenLastCalledWith({});
});

it("proposes the ends of the time range for a first and a last day", () => {
  const onChange = shown([parameter("from_date", { type: "date" }), parameter("region")]);
  choose("Source of from_date", "Filter");
  expect(onChange).toHaveBeenLastCalledWith({ from_date: "{{ vars.period.from }}" });
  choose("Source of region", "Filter");
  expect(onChange).toHaveBeenLastCalledWith({ region: "{{ vars.region }}" });
});
it("folds many parameters without a value behind one line, but never a missing or a set one", () => {
  const many = Array.from({ length: 18 }, (_, at) => parameter(`p${at}`));
  shown([...many, parameter("key", { required: true })], { p3: 7 });
  const sources = () => screen.getAllByRole("combobox", { name: /^Source of/ }).length;
  expect(sources()).toBe(2);
  fireEvent.click(screen.getByRole("button", { name: "17 parameters without a value" }));
  expect(sources()).toBe(19);
});
