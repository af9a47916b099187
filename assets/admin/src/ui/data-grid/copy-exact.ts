/** Copies the exact value of a cell instead of the formatted one, if the whole cell is selected. */
export function copyExact(event: React.ClipboardEvent<HTMLElement>): void {
  const selection = window.getSelection();
  const within =
    selection?.anchorNode instanceof Element ? selection.anchorNode : selection?.anchorNode?.parentElement;
  const cell = within?.closest<HTMLElement>("[data-exact]");
  if (!selection || !cell?.contains(selection.focusNode)) return;
  if (selection.toString().trim() !== cell.textContent.trim()) return;
  event.clipboardData.setData("text/plain", cell.dataset["exact"] ?? "");
  event.preventDefault();
}
