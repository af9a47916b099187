import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
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

  it("reads separators as the language writes them, and takes no text for another number", async () => {
    const typed = (text: string) => {
      type(text);
      return sent;
    };
    const { unmount } = render(<Field start={1234.5} />);
    expect(input().value).toBe("1234.5");
    expect(["1,217.50", "1,217", ".5", "1."].map(typed)).toEqual([1217.5, 1217, 0.5, 1]);
    expect(["1,2", "1.300,50", "abc"].map(typed)).toEqual(["1,2", "1.300,50", "abc"]);
    fireEvent.blur(input());
    expect(screen.getByText("Enter a number, such as 12.5.")).toBeTruthy();
    unmount();
    await loadLanguage("de");
    render(<Field start={1234.5} />);
    expect(input().value).toBe("1234,5");
    expect(["1.300,50", "1300,5", "0,25", "1.5"].map(typed)).toEqual([1300.5, 1300.5, 0.25, 1.5]);
    expect(typed("1.149")).toBe("1.149 (?)");
    expect(input().value).toBe("1.149");
    fireEvent.blur(input());
    expect(screen.getByText("Geben Sie 1149 oder 1,149 ein: Ein Punkt könnte beides bedeuten.")).toBeTruthy();
    await loadLanguage("en");
  });

  it("is raised and lowered with the arrow keys", () => {
    render(<Field start={3} />);
    fireEvent.keyDown(input(), { key: "ArrowUp" });
    expect(input().value).toBe("4");
    fireEvent.keyDown(input(), { key: "ArrowDown" });
    expect(input().value).toBe("3");
    type("0.1");
    fireEvent.keyDown(input(), { key: "ArrowUp" });
    expect(sent).toBe(1.1);
  });
});
