import { useRef } from "react";

/**
 * Returns the properties of a menu that gives the focus back to its button when it closes, unless the selected item has
 * moved the focus, for example to an input that closes when it loses the focus.
 */
export function useMenuFocus() {
  const before = useRef<Element | null>(null);
  return {
    returnFocus: false,
    onOpen: () => {
      before.current = document.activeElement;
    },
    onClose: () => {
      // The next render shows what the selected item opens.
      setTimeout(() => {
        const { activeElement } = document;
        const isFree =
          !activeElement || activeElement === document.body || activeElement.closest("[role=menu]") !== null;
        if (isFree && before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
      }, 10);
    },
  };
}
