import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { Parameter } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { InputsEditor } from "./inputs-editor";

const input = (name: string, value: unknown): Parameter => ({
  name,
  type: "object",
  required: false,
  default: value,
  description: "",
});

let inputs: Parameter[];

function Editor({ start }: { start: Parameter[] }) {
  const [now, setNow] = useState(start);
  return (
    <>
      <InputsEditor
        inputs={now}
        onChange={(next) => {
          inputs = next;
          setNow(next);
        }}
      />
      <button onClick={() => setNow(start)}>undo</button>
    </>
  );
}

const shown = () => screen.getAllByLabelText<HTMLInputElement>("Default").map(({ value }) => value);

describe("InputsEditor", () => {
  it("keeps each input's own text when another is removed or moved", () => {
    render(<Editor start={[input("first", { a: 1 }), input("second", [2]), input("third", [3])]} />);
    expect(shown()).toEqual(['{\n  "a": 1\n}', "[\n  2\n]", "[\n  3\n]"]);
    fireEvent.click(screen.getByLabelText("Remove first"));
    expect(shown()).toEqual(["[\n  2\n]", "[\n  3\n]"]);
    fireEvent.click(screen.getByLabelText("Move third up"));
    expect(shown()).toEqual(["[\n  3\n]", "[\n  2\n]"]);
    fireEvent.click(screen.getByText("undo"));
    expect(shown()).toEqual(['{\n  "a": 1\n}', "[\n  2\n]", "[\n  3\n]"]);
  });

  it("keeps digits, and the last valid value while a text is not valid", () => {
    render(<Editor start={[input("first", null)]} />);
    const text = screen.getByLabelText("Default");
    fireEvent.change(text, { target: { value: "[9007199254740993]" } });
    expect(inputs[0]?.default).toEqual(["9007199254740993"]);
    fireEvent.change(text, { target: { value: "[9007199254740993" } });
    expect(inputs[0]?.default).toEqual(["9007199254740993"]);
    expect(shown()).toEqual(["[9007199254740993"]);
    expect(screen.getByText("Enter valid JSON")).toBeTruthy();
  });
});
