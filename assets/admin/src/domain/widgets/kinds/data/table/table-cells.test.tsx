import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { Cell, EditableCell } from "./table-cells";
import { tableColumns } from "./table-columns";

it("distinguishes false from an absent value, also by sight", () => {
  const [column] = tableColumns(
    { columns: [{ field: "paid", display: "check" }] },
    [{ name: "paid", type: "boolean" }] as never,
    [],
  );
  if (!column) throw new Error("no column");
  const { container } = render(
    <>
      {[true, false, null].map((value) => (
        <p key={String(value)}>
          <Cell column={column} value={value} largest={0} tone={undefined} />
        </p>
      ))}
    </>,
  );
  const [yes, no, nothing] = [...container.querySelectorAll("p")];
  expect([yes, no].map((cell) => cell?.querySelector("svg")?.getAttribute("aria-label"))).toEqual([
    "yes",
    "no",
  ]);
  expect(nothing?.textContent).toBe("–");
  expect(screen.getByLabelText("no").classList.contains("tabler-icon-minus")).toBe(false);
});

it("a number is entered as the language writes it, and other text is not saved", () => {
  const [column] = tableColumns({}, [{ name: "price", type: "int4" }] as never, [{ price: 5 }]);
  if (!column) throw new Error("no column");
  const onEntered = vi.fn<(value: unknown) => void>();
  const row = { price: 5 };
  render(
    <EditableCell
      column={column}
      row={row}
      largest={0}
      tone={undefined}
      refusal={null}
      onEntered={onEntered}
    />,
  );
  fireEvent.click(screen.getByRole("button", { name: /^Edit price/ }));
  const input = screen.getByRole("textbox", { name: "price" });
  fireEvent.change(input, { target: { value: "1,2" } });
  fireEvent.keyDown(input, { key: "Enter" });
  expect(onEntered).not.toHaveBeenCalled();
  expect(screen.getByText("Enter a number, such as 12.5.")).toBeTruthy();
  fireEvent.change(input, { target: { value: "1,217.50" } });
  fireEvent.keyDown(input, { key: "Enter" });
  expect(onEntered).toHaveBeenCalledWith(1217.5, row);
});
