import { t } from "@lingui/core/macro";
import { Kbd, Modal, Table } from "@mantine/core";

const mod = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

const shortcuts: [string, string[]][] = [
  [t`Save`, [mod, "S"]],
  [t`Undo`, [mod, "Z"]],
  [t`Redo`, [mod, "Shift", "Z"]],
  [t`Copy, cut, paste steps`, [mod, "C / X / V"]],
  [t`Duplicate steps`, [mod, "D"]],
  [t`Choose all steps`, [mod, "A"]],
  [t`Delete what is chosen`, ["Delete"]],
  [t`From step to step`, [t`Tab`]],
  [t`Choose the step in focus`, [t`Enter`]],
  [t`Move the chosen steps`, [t`Arrows`]],
  [t`Choose several`, ["Shift", t`drag`]],
  [t`Find anything`, [mod, "K"]],
  [t`These shortcuts`, ["?"]],
];

/** The editor's keys. Mount it to open it. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t`Keyboard shortcuts`} closeButtonProps={{ "aria-label": t`Close` }}>
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
