import { t } from "@lingui/core/macro";
import { createContext, useContext } from "react";
import type { LabeledOption } from "@/ui/input/same-labels";

/** The widgets on the dashboard that is edited, with the titles that they have there; null outside of a dashboard. */
export const PlacedWidgets = createContext<readonly LabeledOption[] | null>(null);

/** Returns the placed widgets to select from, and those that are selected but not placed; null outside of a dashboard. */
export function usePlacedWidgets(selected: readonly string[]): LabeledOption[] | null {
  const placed = useContext(PlacedWidgets);
  if (!placed) return null;
  const others = selected.filter((id) => !placed.some(({ value }) => value === id));
  return [
    ...placed,
    ...others.map((id) => ({ value: id, label: t`A widget that is not on this dashboard` })),
  ];
}
