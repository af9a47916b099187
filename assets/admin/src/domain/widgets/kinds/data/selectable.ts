import type { Row } from "@/lib/rows/cells";
import type { WidgetProps } from "../config";

/** The role of a list whose entries can be selected. */
export const listRole = (isSelectable: unknown, label: string) =>
  isSelectable ? ({ role: "listbox", "aria-label": label } as const) : {};

/** Returns the attributes of a list's entry that selects a row by pointer and keyboard: Escape deselects it. */
export function selectable(row: Row, { onSelect, isSelected }: Pick<WidgetProps, "onSelect" | "isSelected">) {
  if (!onSelect) return {};
  const selected = isSelected?.(row) ?? false;
  return {
    role: "option",
    tabIndex: 0,
    "aria-selected": selected,
    "data-chosen": selected || undefined,
    onClick: () => onSelect(row),
    onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
      const { key, currentTarget: entry } = event;
      const other =
        key === "ArrowDown"
          ? entry.nextElementSibling
          : key === "ArrowUp"
            ? entry.previousElementSibling
            : null;
      const deselects = key === "Escape" && selected;
      const selects = key === "Enter" || key === " " || deselects;
      if (selects) onSelect(row, deselects);
      if (other instanceof HTMLElement) other.focus();
      if (selects || other) event.preventDefault();
    },
  };
}
