import { act, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { MoveHandle, movedTo, useReorder } from "./reorder";

/** A list of rows of 20 pixels. */
function List() {
  const [names, setNames] = useState(["a", "b", "c"]);
  const reorder = useReorder(names.length, (from, to) => setNames(movedTo(names, from, to)));
  return (
    <>
      {names.map((name, index) => (
        <div
          key={name}
          {...reorder.row(index)}
          ref={(row) => {
            if (row) row.getBoundingClientRect = () => ({ top: index * 20, height: 20 }) as DOMRect;
          }}
        >
          <MoveHandle {...reorder.handle(index)} label={name} disabled={false} />
        </div>
      ))}
      <output>{names.join("")}</output>
    </>
  );
}

const handle = (name: string) => screen.getByRole("button", { name: `Move ${name}` });
const order = () => screen.getByText(/^[abc]{3}$/).textContent;

it("moves an item to another place", () => {
  const list = ["a", "b", "c"];
  expect([movedTo(list, 0, 2), movedTo(list, 2, 0), movedTo(list, 1, 1)].map((one) => one.join(""))).toEqual([
    "bca",
    "cab",
    "abc",
  ]);
});

it("rows move with the keyboard, keep the focus, and say where they are", async () => {
  render(<List />);
  handle("a").focus();
  await act(async () => fireEvent.keyDown(handle("a"), { key: "ArrowDown", altKey: true }));
  expect([order(), document.activeElement]).toEqual(["bac", handle("a")]);
  await act(async () => fireEvent.keyDown(handle("a"), { key: "ArrowDown", altKey: true }));
  await act(async () => fireEvent.keyDown(handle("a"), { key: "ArrowDown", altKey: true }));
  expect([order(), document.activeElement]).toEqual(["bca", handle("a")]);
  expect(screen.getByText("a is now number 3 of 3.")).toBeTruthy();
  await act(async () => fireEvent.keyDown(handle("a"), { key: "ArrowUp" }));
  expect(order()).toBe("bca");
});

it("rows move with the buttons of their menu", async () => {
  render(<List />);
  fireEvent.click(handle("c"));
  fireEvent.click(await screen.findByRole("menuitem", { name: "Move up" }));
  expect(order()).toBe("acb");
});

it("rows are dragged by their handle, and a drag is no click", async () => {
  render(<List />);
  fireEvent.pointerDown(handle("a"), { button: 0, clientY: 10 });
  fireEvent.pointerMove(handle("a"), { clientY: 55 });
  fireEvent.pointerUp(handle("a"));
  fireEvent.click(handle("a"));
  expect(order()).toBe("bca");
  expect(screen.queryByRole("menuitem")).toBeNull();
  // Below the threshold, it is a click.
  fireEvent.pointerDown(handle("a"), { button: 0, clientY: 50 });
  fireEvent.pointerMove(handle("a"), { clientY: 52 });
  fireEvent.pointerUp(handle("a"));
  expect(order()).toBe("bca");
});
