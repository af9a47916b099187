import type { OptionsFilter, SelectProps } from "@mantine/core";
import { useEffect, useRef } from "react";
import { selectMarked } from "./replace-text";

interface Search {
  text: string;
  /** The label of the selected option, which is not a search. */
  label: string | undefined;
  /** Whether the options are those of the text. */
  isSettled: boolean;
  /** The selected option, if the server did not find it but the list has it. */
  kept?: string | undefined;
}

/** Returns the first option in the list of a select. */
const firstOption = (input: HTMLInputElement): HTMLElement | null =>
  document
    .getElementById(input.getAttribute("aria-controls") ?? "")
    ?.querySelector<HTMLElement>("[data-combobox-option]") ?? null;

/**
 * Returns a filter that leaves out the selected option if it does not match. All others match, because the server found
 * them.
 */
const withoutKept =
  (kept: string | undefined): OptionsFilter =>
  ({ options }) =>
    options.filter((option) => !("value" in option) || option.value !== kept);

/**
 * Returns the props of a select whose options a server searches: the first match is highlighted once it is found, and
 * Enter selects it, also if it was pressed before.
 */
export function useFirstMatch({
  text,
  label,
  isSettled,
  kept,
}: Search): Pick<SelectProps, "selectFirstOptionOnChange" | "filter" | "onKeyDownCapture"> {
  const awaited = useRef<{ input: HTMLInputElement; text: string } | null>(null);
  const isSearch = text.trim() !== "" && text !== label;
  useEffect(() => {
    const { current: wanted } = awaited;
    if (!wanted || !isSettled) return;
    awaited.current = null;
    if (wanted.text === text && document.activeElement === wanted.input) firstOption(wanted.input)?.click();
  }, [isSettled, text]);
  return {
    selectFirstOptionOnChange: isSearch && isSettled,
    filter: withoutKept(isSearch ? kept : undefined),
    onKeyDownCapture: (event) => {
      if (event.key !== "Enter" || event.nativeEvent.isComposing || !isSearch || isSettled)
        return selectMarked(event);
      // Until the answer, the list has the options of an earlier search. The form is not submitted, either.
      event.preventDefault();
      event.stopPropagation();
      awaited.current = { input: event.currentTarget, text };
    },
  };
}
