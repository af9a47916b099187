import { afterEach, beforeEach } from "vitest";

/** Shows a page before each test of a file, with a watcher on it. */
export function testPage(html: string, watch: () => () => void) {
  let stop: () => void;
  beforeEach(() => {
    document.body.innerHTML = html;
    stop = watch();
  });
  afterEach(() => {
    stop();
    document.body.innerHTML = "";
  });
}

/** Returns the first element that matches. */
export function find<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}
