import { Drawer, MantineProvider, Modal, Select } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
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
