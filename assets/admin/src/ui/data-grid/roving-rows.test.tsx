import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useRef, useState } from "react";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { render, withSize } from "@/lib/render.setup";
import { DataGrid } from "./data-grid";
import { rovingRow, useRovingRows } from "./roving-rows";

beforeAll(() => {
  withSize(800, 280);
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.scrollTo = () => undefined;
});

const opened = vi.fn();
beforeEach(() => opened.mockReset());

function Names({ names }: { names: readonly string[] }) {
  const table = useRef<HTMLTableElement>(null);
  const roving = useRovingRows(table, { count: names.length });
  const [isEdited, setIsEdited] = useState(false);
  return (
    <table ref={table} {...roving}>
      <tbody>
        {names.map((name, index) => (
          <tr key={name} {...rovingRow(index)}>
            <td>
              <a href={`#${name}`}>{name}</a>
              <button onClick={() => setIsEdited(true)}>Menu of {name}</button>
              {isEdited && index === 2 && <input aria-label="New name" />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const stops = () =>
  [...document.querySelectorAll<HTMLElement>("[data-rove], [data-rove] *")]
    .filter(({ tabIndex }) => tabIndex >= 0)
    .map(({ textContent }) => textContent);
const press = (key: string, more: object = {}) =>
  document.activeElement && fireEvent.keyDown(document.activeElement, { key, ...more });
const focused = () => document.activeElement?.textContent;

it("has the controls of one row in the tab order, and moves with the keyboard", () => {
  render(<Names names={["a", "b", "c", "d"]} />);
  expect(stops()).toEqual(["a", "Menu of a"]);
  screen.getByRole("link", { name: "a" }).focus();
  press("ArrowDown");
  expect(focused()).toBe("b");
  expect(stops()).toEqual(["b", "Menu of b"]);
  press("End");
  expect(focused()).toBe("d");
  press("ArrowDown");
  expect(focused()).toBe("d");
  press("Home");
  expect(focused()).toBe("a");
  press("PageDown");
  expect(focused()).toBe("d");
  press("PageUp");
  expect(focused()).toBe("a");
  press("End", { ctrlKey: true });
  expect(focused()).toBe("a");
});

it("stays with the same control in another row, and follows a click", () => {
  render(<Names names={["a", "b", "c"]} />);
  screen.getByRole("button", { name: "Menu of b" }).focus();
  expect(stops()).toEqual(["b", "Menu of b"]);
  press("ArrowUp");
  expect(focused()).toBe("Menu of a");
});

it("leaves the keys to an input, also to one that is added later", async () => {
  render(<Names names={["a", "b", "c"]} />);
  fireEvent.click(screen.getByRole("button", { name: "Menu of a" }));
  const input = screen.getByRole("textbox", { name: "New name" });
  await waitFor(() => expect(input.tabIndex).toBe(-1));
  input.focus();
  expect(input.tabIndex).toBe(0);
  press("ArrowUp");
  expect(document.activeElement).toBe(input);
});

it("makes the rows of a data grid one tab stop: the selected row, or the first", () => {
  const rows = [1, 2, 3].map((id) => ({ id, name: `row ${id}` }));
  const grid = (chosen: number | null) => (
    <DataGrid rows={rows} label="Rows" height={280} onRow={opened} isChosen={(row) => row["id"] === chosen} />
  );
  const { rerender } = render(grid(null));
  const inOrder = () =>
    screen
      .getAllByRole("row")
      .filter(({ tabIndex }) => tabIndex >= 0)
      .map((row) => row.getAttribute("aria-rowindex"));
  expect(inOrder()).toEqual(["2"]);
  rerender(grid(3));
  expect(inOrder()).toEqual(["4"]);
  expect(screen.getByRole("region", { name: "Rows" }).hasAttribute("tabindex")).toBe(false);
  const row = screen.getAllByRole("row")[3];
  row?.focus();
  press("ArrowUp");
  expect(inOrder()).toEqual(["3"]);
  press("Enter");
  expect(opened).toHaveBeenCalledWith(rows[1], false);
});
