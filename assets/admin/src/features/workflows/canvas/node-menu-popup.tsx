import { t } from "@lingui/core/macro";
import { FocusTrap, Paper, Portal } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import type { NodeType } from "@/lib/api/model";
import { NodeMenu } from "./node-menu";

const WIDTH = 280;
const HEIGHT = 360;

interface NodeMenuPopupProps {
  types: readonly NodeType[];
  /** In window coordinates. */
  at: { x: number; y: number };
  onPick: (type: NodeType) => void;
  onClose: () => void;
}

/** The menu of step types where a step is to be added. */
export function NodeMenuPopup({ types, at, onPick, onClose }: NodeMenuPopupProps) {
  const ref = useClickOutside<HTMLDivElement>(onClose);
  const left = Math.max(8, Math.min(at.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 8));
  return (
    <Portal>
      <FocusTrap active>
        <Paper
          ref={ref}
          role="dialog"
          aria-label={t`Add a step`}
          shadow="md"
          withBorder
          radius="md"
          style={{
            position: "fixed",
            left,
            top,
            width: WIDTH,
            height: HEIGHT,
            zIndex: 300,
            overflow: "hidden",
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") onClose();
          }}
        >
          <NodeMenu types={types} autoFocus onPick={onPick} />
        </Paper>
      </FocusTrap>
    </Portal>
  );
}
