/** How many places the focus was at are remembered: those in a dialog are gone when it closes. */
const REMEMBERED = 6;
/** What may get the focus instead of a control that is gone. */
const PLACES = "[role=dialog], [role=region], [role=tabpanel], section, article, form, main, [tabindex]";

const isShown = (element: HTMLElement) => element.isConnected && !element.closest("[hidden], [inert]");

/** An element and what contains it, from the inside. */
function pathOf(element: Element): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let one: Element | null = element; one && one !== document.body; one = one.parentElement)
    if (one instanceof HTMLElement) path.push(one);
  return path;
}

function focusPlace(place: HTMLElement) {
  if (!place.hasAttribute("tabindex")) {
    place.tabIndex = -1;
    place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  }
  place.focus({ preventScroll: true });
}

/**
 * Keeps the place of people who use the keyboard: a control that had the focus and is gone, such as a link to another
 * page, a step of a dialog or the button of a deleted row, leaves it to what is around it. One that was disabled while
 * its action ran gets it back. Returns a function that stops it.
 */
export function keepFocus(): () => void {
  let isKeyboard = false;
  let paths: HTMLElement[][] = [];
  let frame = 0;

  const restore = () => {
    frame = 0;
    if (!isKeyboard || (document.activeElement ?? document.body) !== document.body) return;
    const [latest] = paths;
    const [control] = latest ?? [];
    if (control && isShown(control)) {
      // It is enabled again when its action has ended.
      if (!control.matches(":disabled")) control.focus({ preventScroll: true });
      return;
    }
    const place = paths.flatMap((path) => path.find((one) => isShown(one) && one.matches(PLACES)) ?? [])[0];
    const next = place ?? document.querySelector<HTMLElement>("main");
    if (next) focusPlace(next);
  };
  const observer = new MutationObserver(() => {
    if (!isKeyboard) return;
    frame ||= requestAnimationFrame(() => {
      // After what the page does with the focus, which may be in the same frame.
      frame = requestAnimationFrame(restore);
    });
  });
  const onFocus = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement) paths = [pathOf(target), ...paths].slice(0, REMEMBERED);
  };
  const onKey = () => {
    isKeyboard = true;
  };
  const onPointer = () => {
    isKeyboard = false;
  };
  document.addEventListener("focusin", onFocus);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", onPointer, true);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden"],
  });
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    document.removeEventListener("focusin", onFocus);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("pointerdown", onPointer, true);
  };
}
