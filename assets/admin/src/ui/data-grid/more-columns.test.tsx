import { fireEvent, screen } from "@testing-library/react";
import { useRef } from "react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { MoreColumns } from "./more-columns";

function Grid() {
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={(box) => {
        scroller.current = box;
        if (!box) return;
        Object.defineProperty(box, "clientWidth", { value: 300, configurable: true });
        Object.defineProperty(box, "scrollWidth", { value: 600, configurable: true });
      }}
      data-testid="scroller"
    >
      <MoreColumns scroller={scroller} widths={[200, 200, 200]} covered={80} />
    </div>
  );
}

it("leaves the actions of rows, which stay on the right, uncovered", async () => {
  render(<Grid />);
  fireEvent.scroll(screen.getByTestId("scroller"));
  const button = await screen.findByRole("button", { name: "2 more columns" });
  expect(button.style.getPropertyValue("inset-inline-end")).toBe("86px");
});
