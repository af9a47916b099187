import { act, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { NameDialog } from "./name-dialog";

it("selects the proposed name, so that typing replaces it", async () => {
  render(
    <NameDialog
      opened
      title="Save widget"
      verb="Save"
      initialName="Orders by month"
      onClose={() => undefined}
      onDone={() => Promise.resolve()}
    />,
  );
  const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
  act(() => {
    name.blur();
    name.focus();
  });
  expect([name.selectionStart, name.selectionEnd]).toEqual([0, name.value.length]);
});
