import { t } from "@lingui/core/macro";

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The labels of keys that are not shown by their name. */
const caps: Record<string, string> = {
  mod: isMac ? "⌘" : t`Ctrl`,
  ctrl: t`Ctrl`,
  shift: isMac ? "⇧" : t`Shift`,
  alt: isMac ? "⌥" : "Alt",
  enter: isMac ? "↵" : t`Enter`,
  space: t`Space`,
};

const ariaNames: Record<string, string[]> = {
  mod: ["Control", "Meta"],
  shift: ["Shift"],
  alt: ["Alt"],
  enter: ["Enter"],
};

/** Returns the key caps of a combination: `mod+shift+Z` has three. */
export const capsOf = (combination: string): string[] =>
  combination.split(/\+(?=.)/).map((key) => caps[key.toLowerCase()] ?? key);

/** Returns the alternatives of a shortcut: `↑|↓` has two. A `|` at either end is the key itself. */
export const alternativesOf = (keys: string): string[] => keys.split(/(?<=.)\|(?=.)/);

/** Formats a shortcut on one line: `Ctrl K`, or `G D` for a sequence. */
export const written = (keys: string): string =>
  keys
    .split(" ")
    .flatMap(capsOf)
    .map((cap) => (cap.length === 1 ? cap.toUpperCase() : cap))
    .join(" ");

/** Formats a shortcut for `aria-keyshortcuts`, which does not support sequences. */
export function ariaKeys(keys: string): string {
  const parts = keys.split(/\+(?=.)/);
  const first = ariaNames[parts[0] ?? ""] ?? [parts[0] ?? ""];
  const rest = parts.slice(1).map((part) => ariaNames[part.toLowerCase()]?.[0] ?? part);
  return first.map((key) => [key, ...rest].join("+")).join(" ");
}

/** Returns the combination of an event as shortcuts write it: `mod+shift+z`, `?`, `g`. */
export function combinationOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const held = ctrlKey || metaKey || altKey;
  // Shift is part of the character: "?" is not "shift+/".
  return [
    ctrlKey || metaKey ? "mod" : "",
    altKey ? "alt" : "",
    shiftKey && (held || key.length > 1) ? "shift" : "",
    key.toLowerCase(),
  ]
    .filter(Boolean)
    .join("+");
}

export const needsNoModifier = (keys: string): boolean => !/^(mod|alt)\+/.test(keys);
