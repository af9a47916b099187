/** The inputs that are about to get the focus by a click. */
const focusing = new WeakSet<HTMLInputElement>();

type On<E> = E & { currentTarget: HTMLInputElement };

const isOpen = (input: HTMLInputElement) => input.getAttribute("aria-expanded") === "true";

/** Whether a key adds a character to the text. */
const isTyped = ({ key, ctrlKey, metaKey, altKey }: React.KeyboardEvent) =>
  key.length === 1 && !ctrlKey && !metaKey && !altKey;

const marked = (input: HTMLInputElement) =>
  document
    .getElementById(input.getAttribute("aria-controls") ?? "")
    ?.querySelector<HTMLElement>("[data-combobox-selected]");

/**
 * Selects the highlighted option on Enter. Mantine forgets which one that is when the first typed character opened the
 * list.
 */
export function selectMarked(event: On<React.KeyboardEvent>): void {
  if (event.key !== "Enter" || event.nativeEvent.isComposing || !isOpen(event.currentTarget)) return;
  const option = marked(event.currentTarget);
  if (!option) return;
  event.preventDefault();
  event.stopPropagation();
  option.click();
}

/**
 * Props of a select in which typing replaces the label of the selected option instead of adding to it: opening the
 * list selects the text.
 */
export const replaceText = {
  onMouseDown: ({ currentTarget: input }: On<React.MouseEvent>) => {
    if (document.activeElement !== input) focusing.add(input);
  },
  onFocus: ({ currentTarget: input }: On<React.FocusEvent>) => input.select(),
  // A click sets the cursor after the focus event, which takes the selection back.
  onClick: ({ currentTarget: input }: On<React.MouseEvent>) => {
    if (focusing.delete(input) || !isOpen(input)) input.select();
  },
  // After an option was selected, the list is closed and the input still has the focus.
  onKeyDown: (event: On<React.KeyboardEvent>) => {
    const opens = isTyped(event) || event.key === "ArrowDown" || event.key === "ArrowUp";
    if (opens && !isOpen(event.currentTarget)) event.currentTarget.select();
  },
  onKeyDownCapture: selectMarked,
};
