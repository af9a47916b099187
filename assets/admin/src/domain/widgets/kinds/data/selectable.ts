import { useRef } from "react";
import type { Row } from "@/lib/rows/cells";
import { rovingRow, useRovingRows } from "@/ui/data-grid/roving-rows";
import type { WidgetProps } from "../config";

/** The role of a list whose entries can be selected. */
export const listRole = (isSelectable: unknown, label: string) =>
  isSelectable ? ({ role: "listbox", "aria-label": label } as const) : {};

/** Makes the entries of a scrolled list one tab stop, and returns the attributes of what scrolls. */
export function useListStop(count: number, isSelectable: unknown) {
  const ref = useRef<HTMLDivElement>(null);
  const roving = useRovingRows(ref, { count });
  return { ref, ...roving, ...(isSelectable && count > 0 ? {} : { tabIndex: 0 }) };
}

/** Returns the attributes of a list's entry that selects a row by pointer and keyboard: Escape deselects it. */
export function selectable(
  row: Row,
  index: number,
  { onSelect, isSelected }: Pick<WidgetProps, "onSelect" | "isSelected">,
) {
  if (!onSelect) return {};
  const selected = isSelected?.(row) ?? false;
  return {
    ...rovingRow(index),
    role: "option",
    tabIndex: 0,
    "aria-selected": selected,
    "data-choosable": true,
    "data-chosen": selected || undefined,
    onClick: () => onSelect(row),
    onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
      const { key } = event;
      const deselects = key === "Escape" && selected;
      const selects = key === "Enter" || key === " " || deselects;
      if (!selects) return;
      onSelect(row, deselects);
      event.preventDefault();
    },
  };
}
