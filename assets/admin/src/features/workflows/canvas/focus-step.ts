/** How many frames a step may take to be rendered. */
const FRAMES = 30;

/** Moves the keyboard focus to a step on the canvas, once it is rendered. */
export function focusStep(nodeID: string, frames = FRAMES): void {
  const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(nodeID)}"]`);
  if (element) element.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusStep(nodeID, frames - 1));
}
