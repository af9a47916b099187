import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { ExactNumberInput } from "./exact-number-input";

let sent: unknown;

function Field({ start }: { start: unknown }) {
  const [value, setValue] = useState(start);
  return (
    <>
      <ExactNumberInput
        label="Amount"
        value={value}
        onChange={(next) => {
          sent = next;
          setValue(next);
        }}
      />
      <button onClick={() => setValue(7)}>undo</button>
    </>
  );
}

const input = () => screen.getByLabelText<HTMLInputElement>("Amount");
const type = (text: string) => fireEvent.change(input(), { target: { value: text } });

describe("ExactNumberInput", () => {
  it("keeps digits that a double would lose, also when the focus leaves", () => {
    render(<Field start={undefined} />);
    type("9007199254740993");
    expect(sent).toBe("9007199254740993");
    fireEvent.blur(input());
    expect(input().value).toBe("9007199254740993");
    expect(sent).toBe("9007199254740993");
  });

  it("shows a number that arrived as text", () => {
    render(<Field start="-0.1234567890123456789" />);
    expect(input().value).toBe("-0.1234567890123456789");
  });

  it("lets a number be typed digit by digit", () => {
    render(<Field start={undefined} />);
    for (const [text, value] of [
      ["-", undefined],
      ["-1", -1],
      ["-1.", -1],
      ["-1.0", -1],
      ["-1.05", -1.05],
    ] as const) {
      type(text);
      expect([input().value, sent]).toEqual([text, value]);
    }
    type("");
    expect(sent).toBeUndefined();
  });

  it("follows a value that changes elsewhere", () => {
    render(<Field start={1} />);
    type("12.50");
    fireEvent.click(screen.getByText("undo"));
    expect(input().value).toBe("7");
  });
});
