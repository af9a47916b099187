import { Kbd, Modal, Table } from "@mantine/core";

const mod = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

const shortcuts: [string, string[]][] = [
  ["Save", [mod, "S"]],
  ["Undo", [mod, "Z"]],
  ["Redo", [mod, "Shift", "Z"]],
  ["Copy, cut, paste steps", [mod, "C / X / V"]],
  ["Duplicate steps", [mod, "D"]],
  ["Choose all steps", [mod, "A"]],
  ["Delete what is chosen", ["Delete"]],
  ["From step to step", ["Tab"]],
  ["Choose the step in focus", ["Enter"]],
  ["Move the chosen steps", ["Arrows"]],
  ["Choose several", ["Shift", "drag"]],
  ["Find anything", [mod, "K"]],
  ["These shortcuts", ["?"]],
];

/** The editor's keys. Mount it to open it. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "Close" }}>
      <Table>
        <Table.Tbody>
          {shortcuts.map(([what, keys]) => (
            <Table.Tr key={what}>
              <Table.Td>{what}</Table.Td>
              <Table.Td ta="right">
                {keys.map((key, index) => (
                  <span key={key}>
                    {index > 0 && " + "}
                    <Kbd>{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
