import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { Cell } from "./table-cells";
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
