import { useEffect, useEffectEvent, useId, useSyncExternalStore } from "react";
import { useStable } from "@/lib/stable";
import { createStore } from "@/lib/store";
import { combinationOf, needsNoModifier } from "./keys";

export interface Shortcut {
  /** `mod+S`, `?`, or a sequence: `g d`. */
  keys: string;
  label: string;
  /** The action; absent if something else handles the keys and they are only listed. */
  run?: () => void;
  /** Whether it also works while typing; never without a modifier. */
  whileTyping?: boolean;
  /** Whether it belongs to a dialog: the page's own are inactive while one is open. */
  inDialog?: boolean;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: readonly Shortcut[];
  /** Whether they exist on every page: a page's own are listed first. */
  everywhere?: boolean;
}

/** The maximum delay before the second key of a sequence. */
const SEQUENCE_MS = 1_200;
const SINGLE_KEYS = "jet-admin.single-keys";

const groups = new Map<string, ShortcutGroup>();
const shown = createStore<readonly ShortcutGroup[]>([]);
let first: { key: string; at: number } | null = null;

const tell = () =>
  shown.set(
    [...groups.values()].sort((a, b) => Number(a.everywhere ?? false) - Number(b.everywhere ?? false)),
  );

/** Returns the shortcuts of the current page, its own first. */
export const useShortcutGroups = (): readonly ShortcutGroup[] =>
  useSyncExternalStore(shown.subscribe, shown.get);

/** Whether single-key shortcuts are enabled: people who dictate or use switches can turn them off. */
export const singleKeys = {
  subscribe: shown.subscribe,
  get: (): boolean => localStorage.getItem(SINGLE_KEYS) !== "off",
  set(on: boolean) {
    if (on) localStorage.removeItem(SINGLE_KEYS);
    else localStorage.setItem(SINGLE_KEYS, "off");
    tell();
  },
};

/** Whether a dialog is open: the page's shortcuts are inactive then. */
const inDialog = () => document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** Whether the user is typing into a field. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest("input, textarea, select, [contenteditable], .cm-editor") !== null);

/** Whether keys belong to a field or to a dialog. */
export const isElsewhere = (target: EventTarget | null): boolean => inDialog() || isTyping(target);

/** Returns the pressed keys, with the previous key if it starts a sequence. */
function pressed(event: KeyboardEvent): string[] {
  const key = combinationOf(event);
  const sequence = first && Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null;
  first = needsNoModifier(key) ? { key, at: Date.now() } : null;
  return sequence ? [sequence, key] : [key];
}

/** Also works in a dialog, so that it can close what it opened. */
const IN_DIALOGS = "mod+k";

function onKey(event: KeyboardEvent) {
  if (event.isComposing || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return;
  const typing = isTyping(event.target);
  for (const wanted of pressed(event)) {
    const onlyDialog = inDialog() && wanted !== IN_DIALOGS;
    const plain = needsNoModifier(wanted);
    if (plain && (typing || !singleKeys.get())) continue;
    const found = shown
      .get()
      .flatMap(({ shortcuts }) => shortcuts)
      .find((one) => one.run && one.keys.toLowerCase() === wanted && (!onlyDialog || one.inDialog));
    if (!found?.run || (typing && !found.whileTyping)) continue;
    event.preventDefault();
    first = null;
    found.run();
    return;
  }
}

interface Options {
  enabled?: boolean;
  everywhere?: boolean;
}

/** Registers and lists shortcuts while the component is mounted and they are enabled. */
export function useShortcuts(
  title: string,
  shortcuts: readonly Shortcut[],
  { enabled = true, everywhere = false }: Options = {},
): void {
  const id = useId();
  const press = useEffectEvent((keys: string) =>
    shortcuts.find((shortcut) => shortcut.keys === keys)?.run?.(),
  );
  const told = useStable(shortcuts.map(({ run, ...shortcut }) => ({ ...shortcut, runs: run !== undefined })));

  useEffect(() => {
    if (!enabled) return;
    const listed = told.map(({ runs, ...shortcut }): Shortcut =>
      runs ? { ...shortcut, run: () => press(shortcut.keys) } : shortcut,
    );
    groups.set(id, { title, shortcuts: listed, everywhere });
    if (groups.size === 1) document.addEventListener("keydown", onKey);
    tell();
    return () => {
      groups.delete(id);
      if (groups.size === 0) document.removeEventListener("keydown", onKey);
      tell();
    };
  }, [id, title, told, enabled, everywhere]);
}
