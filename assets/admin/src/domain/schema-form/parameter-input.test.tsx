import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { ParameterType } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { ParameterInput } from "./parameter-input";

let sent: unknown;

function Field({ type, start }: { type: ParameterType; start?: unknown }) {
  const [value, setValue] = useState(start);
  return (
    <>
      <ParameterInput
        type={type}
        ariaLabel="Value"
        value={value}
        onChange={(next) => {
          sent = next;
          setValue(next);
        }}
      />
      <button onClick={() => setValue(start)}>undo</button>
    </>
  );
}

const input = () => screen.getByLabelText<HTMLInputElement>("Value");
const type = (text: string) => fireEvent.change(input(), { target: { value: text } });

describe("ParameterInput", () => {
  it("sends the digits of JSON that was typed", () => {
    render(<Field type="object" />);
    type('{"id": 9007199254740993}');
    expect(sent).toEqual({ id: "9007199254740993" });
    expect(input().value).toBe('{"id": 9007199254740993}');
  });

  it("keeps invalid JSON and the last valid value, until the value changes elsewhere", () => {
    render(<Field type="array" start={[1]} />);
    type("[1, 2]");
    type("[1, 2");
    expect([input().value, sent]).toEqual(["[1, 2", [1, 2]]);
    expect(screen.getByText("Enter JSON such as [1, 2]")).toBeTruthy();
    fireEvent.click(screen.getByText("undo"));
    expect(input().value).toBe("[1]");
    expect(screen.queryByText("Enter JSON such as [1, 2]")).toBeNull();
  });

  it("shows and sends numbers with all digits", () => {
    render(<Field type="number" start="9007199254740993" />);
    expect(input().value).toBe("9007199254740993");
    type("12345678901234567");
    expect(sent).toBe("12345678901234567");
    type("12");
    expect(sent).toBe(12);
  });
});
