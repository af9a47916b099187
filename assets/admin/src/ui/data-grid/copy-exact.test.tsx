import { createEvent, fireEvent, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { copyExact } from "./copy-exact";

function copy(text: string, range: [start: number, end: number]): Map<string, string> {
  const node = screen.getByText(text).firstChild;
  const copied = new Map<string, string>();
  if (!node) return copied;
  window.getSelection()?.setBaseAndExtent(node, range[0], node, range[1]);
  const event = createEvent.copy(node);
  Object.defineProperty(event, "clipboardData", {
    value: { setData: (type: string, value: string) => copied.set(type, value) },
  });
  fireEvent(node, event);
  return copied;
}

it("copies the exact value of a whole cell, and what is selected otherwise", () => {
  render(
    <div onCopy={copyExact}>
      <span data-exact="0.8731489306200981">0.8731</span>
      <span>plain</span>
    </div>,
  );
  expect([...copy("0.8731", [0, 6])]).toEqual([["text/plain", "0.8731489306200981"]]);
  expect([...copy("0.8731", [0, 3])]).toEqual([]);
  expect([...copy("plain", [0, 5])]).toEqual([]);
});
