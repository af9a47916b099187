const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** What each key is called where it is written otherwise than it is named. */
const caps: Record<string, string> = { mod: isMac ? "⌘" : "Ctrl", shift: isMac ? "⇧" : "Shift", alt: isMac ? "⌥" : "Alt", enter: isMac ? "↵" : "Enter" };

const ariaNames: Record<string, string[]> = { mod: ["Control", "Meta"], shift: ["Shift"], alt: ["Alt"], enter: ["Enter"] };

/** The caps of a combination: `mod+shift+Z` is three of them. */
export const capsOf = (combination: string): string[] => combination.split(/\+(?=.)/).map((key) => caps[key.toLowerCase()] ?? key);

/** A shortcut on one line: `Ctrl K`, or `G D` for keys that are pressed one after the other. */
export const written = (keys: string): string => keys.split(" ").flatMap(capsOf).join(" ").toUpperCase().replace("CTRL", "Ctrl").replace("SHIFT", "Shift").replace("ENTER", "Enter");

/** As `aria-keyshortcuts` has it; sequences cannot be told there. */
export function ariaKeys(keys: string): string {
  const parts = keys.split(/\+(?=.)/);
  const first = ariaNames[parts[0] ?? ""] ?? [parts[0] ?? ""];
  const rest = parts.slice(1).map((part) => ariaNames[part.toLowerCase()]?.[0] ?? part);
  return first.map((key) => [key, ...rest].join("+")).join(" ");
}

/** The combination that an event is, as shortcuts are written: `mod+shift+z`, `?`, `g`. */
export function combinationOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const held = ctrlKey || metaKey || altKey;
  // What shift makes of a key that is pressed alone is that key: "?" is not "shift+/".
  return [ctrlKey || metaKey ? "mod" : "", altKey ? "alt" : "", shiftKey && (held || key.length > 1) ? "shift" : "", key.toLowerCase()].filter(Boolean).join("+");
}

export const needsNoModifier = (keys: string): boolean => !/^(mod|alt)\+/.test(keys);
