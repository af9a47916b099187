import { TagsInput, type TagsInputProps } from "@mantine/core";
import { useUncontrolled } from "@mantine/hooks";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useLatest } from "@/lib/stable";

let isPressed = false;
addEventListener("pointerdown", () => (isPressed = true), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (isPressed = false), true);

/** Before what the press does: that must know the last text. */
const ONCE = { once: true, capture: true };

/**
 * Several texts in one field. What was typed last counts without Enter, too. When a press elsewhere leaves the field,
 * it is taken as the press ends: the field may grow, and a button must not move away from under the pointer.
 */
export function TagsField({ value, defaultValue, onChange, onBlur, ...props }: TagsInputProps) {
  const [tags, setTags] = useUncontrolled({
    value,
    defaultValue,
    finalValue: [],
    ...(onChange ? { onChange } : {}),
  });
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const take = () => {
    const max = props.maxTags ?? Infinity;
    const known = new Set(tags.map((tag) => tag.toLowerCase()));
    const added = partsOf(typed, props.splitChars ?? [","]).filter((part) => !known.has(part.toLowerCase()));
    setTyped("");
    if (added.length > 0 && tags.length < max) setTags([...tags, ...added].slice(0, max));
  };
  const latest = useLatest(take);
  return (
    <TagsInput
      {...props}
      value={tags}
      onChange={setTags}
      searchValue={typed}
      onSearchChange={setTyped}
      acceptValueOnBlur={false}
      dropdownOpened={isOpen}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      // Removing a text does not open the list, which would cover what is below.
      onRemove={() => setOpen(false)}
      onBlur={(event) => {
        onBlur?.(event);
        if (typed.trim() === "") return;
        if (isPressed) addEventListener("pointerup", () => flushSync(() => latest.current()), ONCE);
        else take();
      }}
    />
  );
}

/** Splits what was typed as the field does it while typing. */
function partsOf(text: string, splitChars: readonly string[]): string[] {
  const parts = splitChars.reduce<string[]>((texts, char) => texts.flatMap((one) => one.split(char)), [text]);
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ""))];
}
