import { t } from "@lingui/core/macro";
import type { AriaLabelConfig } from "@xyflow/react";

const directions: Record<string, string> = { up: t`up`, down: t`down`, left: t`left`, right: t`right` };

/** The canvas's texts for screen readers. */
export const canvasWords: Partial<AriaLabelConfig> = {
  "node.a11yDescription.default": t`Press Enter or Space to select a step. Press Delete to remove it and Escape to cancel.`,
  "node.a11yDescription.keyboardDisabled": t`Press Enter or Space to select a step. Use the arrow keys to move it. Press Delete to remove it and Escape to cancel.`,
  "node.a11yDescription.ariaLiveMessage": ({ direction, x, y }) =>
    t`Moved selected step ${directions[direction] ?? direction}. New position: x ${x}, y ${y}`,
  "edge.a11yDescription.default": t`Press Enter or Space to select a connection. Press Delete to remove it or Escape to cancel.`,
  "handle.ariaLabel": t`Handle`,
};
