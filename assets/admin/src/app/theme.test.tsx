import { Drawer, MantineProvider, Modal } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
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
