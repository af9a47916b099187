import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

/** An option of a select. */
export interface LabeledOption {
  value: string;
  label: string;
  /** Tells options with the same label apart. */
  secondary?: string | undefined;
}

/** Returns the options, with what tells those with the same label apart: their keys, unless something else does. */
export function toldApart(
  options: readonly LabeledOption[],
  secondaryOf: (option: LabeledOption) => string = ({ value }) => value,
): LabeledOption[] {
  const counts = new Map<string, number>();
  for (const { label } of options) counts.set(label, (counts.get(label) ?? 0) + 1);
  return options.map((option) =>
    (counts.get(option.label) ?? 0) > 1 ? { ...option, secondary: secondaryOf(option) } : option,
  );
}

/** The distance of a dropdown from its input, in pixels. */
const DISTANCE = 8;

/** Returns the props of a select whose dropdown opens below its error, so that the error stays legible. */
export function useDropdownBelowError(error: ReactNode) {
  const ref = useRef<HTMLInputElement>(null);
  const [offset, setOffset] = useState(DISTANCE);
  useLayoutEffect(() => {
    const input = ref.current;
    const shown = error && input ? document.getElementById(`${input.id}-error`) : null;
    const below =
      shown && input ? shown.getBoundingClientRect().bottom - input.getBoundingClientRect().bottom : 0;
    setOffset(DISTANCE + Math.max(0, below));
  }, [error]);
  return { ref, comboboxProps: { offset } };
}
