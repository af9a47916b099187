import { t } from "@lingui/core/macro";
import type { AriaLabelConfig } from "@xyflow/react";

const directions: Record<string, string> = { up: t`up`, down: t`down`, left: t`left`, right: t`right` };

/** What the canvas tells screen readers by itself. */
export const canvasWords: Partial<AriaLabelConfig> = {
  "node.a11yDescription.default": t`Press enter or space to select a node. Press delete to remove it and escape to cancel.`,
  "node.a11yDescription.keyboardDisabled": t`Press enter or space to select a node. You can then use the arrow keys to move the node around. Press delete to remove it and escape to cancel.`,
  "node.a11yDescription.ariaLiveMessage": ({ direction, x, y }) => t`Moved selected node ${directions[direction] ?? direction}. New position, x: ${x}, y: ${y}`,
  "edge.a11yDescription.default": t`Press enter or space to select an edge. You can then press delete to remove it or escape to cancel.`,
  "handle.ariaLabel": t`Handle`,
};
