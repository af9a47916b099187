// Rows as one tab stop: the arrow keys, Home, End, PageUp and PageDown move between them.
import { useEffect, useLayoutEffect, useRef, type RefObject } from "react";

/** Marks an element as a row, with its index among all rows, also those that are not in the page. */
export const rovingRow = (index: number) => ({ "data-rove": index });

const ROW = "[data-rove]";
/** Marks what was taken out of the tab order here, unlike what never was in it. */
const PARKED = "data-parked";

const rowsIn = (root: HTMLElement | null): HTMLElement[] =>
  root ? [...root.querySelectorAll<HTMLElement>(ROW)] : [];
const indexOf = (row: HTMLElement): number => Number(row.dataset["rove"]);

/** Returns what can have the focus in a row: the row itself if it can be selected, then its controls. */
function stopsIn(row: HTMLElement): HTMLElement[] {
  const controls = [
    ...row.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, [tabindex]"),
  ];
  const all = row.matches("[data-choosable]") ? [row, ...controls] : controls;
  return all.filter((one) => one.tabIndex >= 0 || one.hasAttribute(PARKED));
}

/** Leaves only one row in the tab order. */
function park(rows: readonly HTMLElement[], active: HTMLElement | undefined) {
  for (const row of rows)
    for (const stop of stopsIn(row)) {
      if (row === active) {
        if (!stop.hasAttribute(PARKED)) continue;
        stop.removeAttribute(PARKED);
        stop.tabIndex = 0;
      } else if (!stop.hasAttribute(PARKED)) {
        stop.setAttribute(PARKED, "");
        stop.tabIndex = -1;
      }
    }
}

/** Whether a control uses the arrow keys itself. */
const usesArrows = (target: Element): boolean =>
  target.closest(
    "textarea, select, [contenteditable=true], [role=combobox], [aria-expanded=true], input:not([type=checkbox])",
  ) !== null;

interface Roving {
  /** The number of all rows. */
  count: number;
  /** Scrolls to a row that is not in the page; absent if all are. */
  bring?: (index: number) => void;
}

/** Rows that are moved by one key when everything is in the page. */
const PAGE = 10;

/** Returns the index of the row that a key leads to; null for other keys. */
function targetOf(key: string, from: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined ? null : Math.min(Math.max(to, 0), count - 1);
}

/**
 * Makes the marked rows in `root` one tab stop and returns the handlers of an element around them. The first row is the
 * stop, or the selected one, until another has the focus. Its controls follow in the tab order.
 */
export function useRovingRows(root: RefObject<HTMLElement | null>, { count, bring }: Roving) {
  const active = useRef<number | null>(null);
  const settle = useRef(() => {
    const rows = rowsIn(root.current);
    const current =
      rows.find((row) => indexOf(row) === active.current) ??
      rows.find((row) => row.getAttribute("aria-selected") === "true") ??
      rows[0];
    park(rows, current);
  });
  // Cells draw their controls when they want to.
  const watch = useRef<{ element: HTMLElement; observer: MutationObserver } | null>(null);
  useLayoutEffect(() => {
    settle.current();
    if (watch.current?.element === root.current) return;
    watch.current?.observer.disconnect();
    watch.current = null;
    if (!root.current) return;
    const observer = new MutationObserver(() => settle.current());
    observer.observe(root.current, { childList: true, subtree: true });
    watch.current = { element: root.current, observer };
  });
  useEffect(() => () => watch.current?.observer.disconnect(), []);

  const focus = (index: number, position: number): boolean => {
    const row = rowsIn(root.current).find((one) => indexOf(one) === index);
    if (!row) return false;
    const stops = stopsIn(row);
    const stop = stops[position] ?? stops[0];
    active.current = index;
    settle.current();
    stop?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return true;
  };
  return {
    onFocus: ({ target }: React.FocusEvent) => {
      const row = target.closest<HTMLElement>(ROW);
      if (!row || !root.current?.contains(row)) return;
      active.current = indexOf(row);
      settle.current();
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      const { target, key } = event;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (!(target instanceof HTMLElement) || usesArrows(target)) return;
      const row = target.closest<HTMLElement>(ROW);
      if (!row || !root.current?.contains(row)) return;
      const { clientHeight } = root.current;
      const page =
        bring && row.offsetHeight ? Math.max(1, Math.floor(clientHeight / row.offsetHeight) - 1) : PAGE;
      const to = targetOf(key, indexOf(row), count, page);
      if (to === null) return;
      event.preventDefault();
      const position = Math.max(0, stopsIn(row).indexOf(target));
      if (focus(to, position)) return;
      bring?.(to);
      requestAnimationFrame(() => requestAnimationFrame(() => focus(to, position)));
    },
  };
}
