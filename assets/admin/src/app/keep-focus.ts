/** How many places the focus was at are remembered: those in a dialog are gone when it closes. */
const REMEMBERED = 6;
/** What may get the focus instead of a control that is gone. */
const PLACES = "[role=dialog], [role=region], [role=tabpanel], section, article, form, main, [tabindex]";

/** What is opened by a control, often outside of what contains that control. */
const LAYERS = "[role=dialog], [role=menu]";

const isShown = (element: HTMLElement) => element.isConnected && !element.closest("[hidden], [inert]");

/** An element and what contains it, from the inside; then the control that opened that, with what contains it. */
function pathOf(element: Element, opened: WeakMap<Element, HTMLElement[]>): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let one: Element | null = element; one && one !== document.body; one = one.parentElement) {
    if (one instanceof HTMLElement) path.push(one);
    const from = opened.get(one);
    if (from) return [...path, ...from];
  }
  return path;
}

function focusPlace(place: HTMLElement) {
  if (place.tabIndex < 0 && !place.hasAttribute("tabindex")) {
    place.tabIndex = -1;
    place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  }
  place.focus({ preventScroll: true });
}

/**
 * Keeps the place of people who use the keyboard: a control that had the focus and is gone, such as a link to another
 * page, a step of a dialog or the button of a deleted row, leaves it to what is around it. One that was disabled while
 * its action ran gets it back, and so does the button of a menu whose item opened a dialog. Returns a function that
 * stops it.
 */
export function keepFocus(): () => void {
  let isKeyboard = false;
  let paths: HTMLElement[][] = [];
  /** The path to the control that had the focus before a dialog or a menu. */
  const opened = new WeakMap<Element, HTMLElement[]>();
  const openers = new WeakSet<Element>();
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
    const isPlace = (one: HTMLElement) => isShown(one) && (openers.has(one) || one.matches(PLACES));
    const place = paths.flatMap((path) => path.find(isPlace) ?? [])[0];
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
    if (!(target instanceof HTMLElement)) return;
    const layer = target.closest(LAYERS);
    const [from] = paths;
    if (layer && from?.[0] && !opened.has(layer) && !layer.contains(from[0])) {
      opened.set(layer, from);
      openers.add(from[0]);
    }
    paths = [pathOf(target, opened), ...paths].slice(0, REMEMBERED);
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
