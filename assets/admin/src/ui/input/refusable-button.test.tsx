import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { RefusableButton } from "./refusable-button";

afterEach(cleanup);

function shown(refusal: string | null) {
  const pressed = vi.fn();
  render(
    <MantineProvider env="test">
      <RefusableButton refusal={refusal} onClick={pressed}>
        Ship
      </RefusableButton>
      <p>Elsewhere</p>
    </MantineProvider>,
  );
  return { button: screen.getByRole("button", { name: "Ship" }), pressed };
}

it("does what it says without a refusal", () => {
  const { button, pressed } = shown(null);
  fireEvent.click(button);
  expect(pressed).toHaveBeenCalledOnce();
  expect(screen.queryByRole("tooltip")).toBeNull();
});

it("shows the refusal after a tap until a press elsewhere, even if the mouse leaves it", () => {
  const { button, pressed } = shown("Your role does not allow it.");
  // What Chrome on a phone sends after a tap: the page has changed below the place of the mouse.
  fireEvent.mouseEnter(button);
  fireEvent.click(button);
  fireEvent.mouseLeave(button);
  expect(screen.getByRole("tooltip", { name: "Your role does not allow it." })).toBeTruthy();
  expect(pressed).not.toHaveBeenCalled();
  fireEvent.mouseDown(screen.getByText("Elsewhere"));
  expect(screen.queryByRole("tooltip")).toBeNull();
});

it("hides the refusal at Escape and when the focus leaves", () => {
  const { button } = shown("Your role does not allow it.");
  fireEvent.click(button);
  fireEvent.keyDown(button, { key: "Escape" });
  expect(screen.queryByRole("tooltip")).toBeNull();
  fireEvent.click(button);
  fireEvent.blur(button);
  expect(screen.queryByRole("tooltip")).toBeNull();
});
