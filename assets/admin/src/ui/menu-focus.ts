import { useRef } from "react";

/**
 * Returns the properties of a menu that gives the focus back to its button when it closes, unless what was selected has
 * taken the focus, such as an input that it opened: losing it would end that input.
 */
export function useMenuFocus() {
  const before = useRef<Element | null>(null);
  return {
    returnFocus: false,
    onOpen: () => {
      before.current = document.activeElement;
    },
    onClose: () => {
      // What was selected is shown with the next render.
      setTimeout(() => {
        const { activeElement } = document;
        const isFree =
          !activeElement || activeElement === document.body || activeElement.closest("[role=menu]") !== null;
        if (isFree && before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
      }, 10);
    },
  };
}
