import { Drawer, MantineProvider, Modal, Select } from "@mantine/core";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { theme } from "./theme";

it("adds no landmark for a drawer and the question over it", async () => {
  render(
    <MantineProvider theme={theme} env="test">
      <Drawer opened onClose={() => undefined} title="Widget">
        <Modal opened onClose={() => undefined} title="Discard changes?">
          Text
        </Modal>
      </Drawer>
    </MantineProvider>,
  );
  expect(await screen.findByRole("dialog", { name: "Discard changes?" })).toBeTruthy();
  expect(document.querySelector("header")).toBeNull();
});

it("keeps the current option of a select when it is selected again", async () => {
  const onChange = vi.fn();
  render(
    <MantineProvider theme={theme} env="test">
      <Select aria-label="Customer" data={["Ada", "Linus"]} value="Linus" onChange={onChange} />
    </MantineProvider>,
  );
  fireEvent.click(screen.getByRole("combobox", { name: "Customer" }));
  fireEvent.click(await screen.findByRole("option", { name: "Linus" }));
  expect(onChange).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("combobox", { name: "Customer" }));
  fireEvent.click(await screen.findByRole("option", { name: "Ada" }));
  expect(onChange).toHaveBeenCalledWith("Ada", expect.anything());
});

function Search() {
  const [value, setValue] = useState<string | null>("Linus");
  return (
    <MantineProvider theme={theme} env="test">
      <Select
        aria-label="Recipient"
        data={["Ada", "Grace", "Linus"]}
        value={value}
        onChange={setValue}
        searchable
      />
    </MantineProvider>
  );
}

it("replaces the label of a select by what is typed, and Enter selects the first match", async () => {
  Element.prototype.scrollIntoView = () => undefined;
  render(<Search />);
  const input = screen.getByRole<HTMLInputElement>("combobox", { name: "Recipient" });
  const isAllSelected = () => input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const placeCursor = () => input.setSelectionRange(input.value.length, input.value.length);
  fireEvent.mouseDown(input);
  act(() => input.focus());
  placeCursor();
  fireEvent.click(input);
  expect(isAllSelected()).toBe(true);
  // A further click only places the cursor.
  placeCursor();
  fireEvent.click(input);
  expect(isAllSelected()).toBe(false);
  await screen.findByRole("option", { name: "Grace" });
  fireEvent.change(input, { target: { value: "a" } });
  await waitFor(() => expect(document.querySelector("[data-combobox-selected]")?.textContent).toBe("Ada"));
  fireEvent.keyDown(input, { key: "Enter", code: "Enter" });
  await waitFor(() => expect(input.value).toBe("Ada"));
  // The list is closed, and the input still has the focus.
  placeCursor();
  fireEvent.keyDown(input, { key: "g", code: "KeyG" });
  expect(isAllSelected()).toBe(true);
});
