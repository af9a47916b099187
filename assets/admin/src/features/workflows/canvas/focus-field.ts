import { normalizePath } from "@/lib/schema/paths";

/** How many frames the form may take to be rendered. */
const FRAMES = 30;

const isWithin = (path: string, field: string) =>
  path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);

/** Moves the keyboard focus to the field of a problem, or to the closest one around it, once it is rendered. */
export function focusField(path: string, frames = FRAMES): void {
  const wanted = normalizePath(path).replace(/^nodes\[\d+\]\./, "");
  // The form of the step that was selected before is still there in this frame.
  requestAnimationFrame(() => {
    const around = [...document.querySelectorAll<HTMLElement>("[data-field]")]
      .filter(({ dataset }) => isWithin(wanted, dataset["field"] ?? ""))
      .sort((a, b) => (b.dataset["field"]?.length ?? 0) - (a.dataset["field"]?.length ?? 0));
    // Prefers the input of the value to controls that only change how it is entered.
    const input =
      around[0]?.querySelector<HTMLElement>(
        "input:not([type=hidden], [type=radio]), textarea, select, [contenteditable=true]",
      ) ?? around[0]?.querySelector<HTMLElement>("input:not([type=hidden]), button");
    if (input) input.focus();
    else if (frames > 0) focusField(path, frames - 1);
  });
}
