import { t } from "@lingui/core/macro";
import { useState } from "react";
import { notify } from "@/ui/feedback/notify";
import { formatCells, parseCells } from "./clipboard";
import type { Direction } from "./cell-editor";
import { at, moved, rectangleOf, type Place, type Selection } from "./selection";
import type { SheetProps } from "./sheet";
import type { SheetActions } from "./sheet-actions";
import type { EditedCell } from "./sheet-row";

interface View {
  scroller: React.RefObject<HTMLDivElement | null>;
  reveal: (place: Place) => void;
  /** The number of rows that fit in the view. */
  page: () => number;
}

const steps: Record<Direction, [number, number]> = {
  down: [1, 0],
  up: [-1, 0],
  right: [0, 1],
  left: [0, -1],
  stay: [0, 0],
};

/** The cell that is being edited: how that begins and ends. */
function useEditedCell(
  { fields, lines, onSelection, actions }: SheetProps,
  { scroller, reveal }: Pick<View, "scroller" | "reveal">,
) {
  const [edited, setEdited] = useState<EditedCell | null>(null);
  const isTickBox = ({ column }: Place) => fields[column]?.entry === "checkbox";

  const go = (place: Place) => {
    onSelection(at(place.row, place.column));
    reveal(place);
  };
  const begin = (place: Place, typed: string | null) => {
    if (!actions.isOpen(place)) return;
    if (isTickBox(place)) return void (typed === null || typed === " " ? actions.toggle(place) : null);
    go(place);
    setEdited({ ...place, typed });
  };
  const close = () => {
    setEdited(null);
    scroller.current?.focus({ preventScroll: true });
  };
  const leave = (from: Place, direction: Direction) => {
    const [down, right] = steps[direction];
    setEdited(null);
    if (direction === "stay") return;
    scroller.current?.focus({ preventScroll: true });
    const row = Math.max(0, Math.min(from.row + down, lines.length - 1));
    go({ row, column: Math.max(0, Math.min(from.column + right, fields.length - 1)) });
  };
  const enter = (text: string, direction: Direction) => {
    if (!edited) return;
    actions.enter(edited, text);
    leave(edited, direction);
  };

  const choose = (key: unknown, direction: Direction) => {
    if (!edited) return;
    actions.choose(edited, key);
    leave(edited, direction);
  };
  return { edited, begin, close, enter, choose };
}

/** The keyboard and the clipboard of a sheet, and the cell that is being edited. */
export function useSheetKeys(props: SheetProps, view: View) {
  const { fields, lines, selection, onSelection, actions } = props;
  const { reveal, page } = view;
  const { edited, begin, close, enter, choose } = useEditedCell(props, view);
  /** While a cell is edited, the keys and the clipboard belong to its input. */
  const unlessEdited =
    <T extends React.SyntheticEvent>(handle: (event: T) => void) =>
    (event: T) => {
      if (!edited) handle(event);
    };
  const { copy, cut, paste } = clipboardOf(selection, onSelection, actions);
  return {
    edited,
    begin,
    enter,
    choose,
    cancel: close,
    isEdited: (place: Place) => edited?.row === place.row && edited.column === place.column,
    handlers: {
      onKeyDown: unlessEdited((event: React.KeyboardEvent) => {
        const size = { rows: lines.length, columns: fields.length, page: page() };
        const next = moved(selection, event, size);
        if (next) {
          onSelection(next);
          if (event.key !== "a") reveal(next.focus);
        } else if (!press(event, selection, actions, begin)) return;
        event.preventDefault();
        // A typed letter must not trigger a shortcut of the page.
        event.stopPropagation();
      }),
      onCopy: unlessEdited(copy),
      onCut: unlessEdited(cut),
      onPaste: unlessEdited(paste),
    },
  };
}

/** Does what a key means that does not move the selection. Returns whether it means anything. */
function press(
  { key, ctrlKey, metaKey, altKey, shiftKey }: React.KeyboardEvent,
  selection: Selection,
  actions: SheetActions,
  begin: (place: Place, typed: string | null) => void,
): boolean {
  const letter = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (letter !== "z" && letter !== "y") return false;
    (letter === "y" || shiftKey ? actions.redo : actions.undo)();
    return true;
  }
  if (altKey) return false;
  if (key === "Enter" || key === "F2") begin(selection.focus, null);
  else if (key === "Delete" || key === "Backspace") actions.clear(rectangleOf(selection));
  else if (key.length === 1) begin(selection.focus, key);
  else return false;
  return true;
}

/** Copies and pastes the selected cells. */
function clipboardOf(selection: Selection, onSelection: (next: Selection) => void, actions: SheetActions) {
  const cells = rectangleOf(selection);
  const copy = (event: React.ClipboardEvent) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", formatCells(actions.copy(cells)));
  };
  const cut = (event: React.ClipboardEvent) => {
    copy(event);
    actions.clear(cells);
  };
  const paste = (event: React.ClipboardEvent) => {
    event.preventDefault();
    const filled = actions.paste(cells, parseCells(event.clipboardData.getData("text/plain")));
    if (!filled) return notify.warn(t`Nothing was pasted: paste fewer cells at once.`);
    onSelection({
      anchor: { row: filled.top, column: filled.left },
      focus: { row: filled.bottom, column: filled.right },
    });
  };
  return { copy, cut, paste };
}
