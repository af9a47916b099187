import { useEffect, useEffectEvent, useId, useSyncExternalStore } from "react";
import { combinationOf, needsNoModifier } from "./keys";

export interface Shortcut {
  /** `mod+S`, `?`, or keys one after the other: `g d`. */
  keys: string;
  label: string;
  /** What it does; absent when something else listens, and it is only to be listed. */
  run?: () => void;
  /** Whether it also works while something is typed; never without a modifier. */
  whileTyping?: boolean;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: readonly Shortcut[];
  /** Whether they are there on every page: a page's own come first. */
  everywhere?: boolean;
}

/** How long the second key of a sequence may take. */
const SEQUENCE_MS = 1_200;
const SINGLE_KEYS = "jet-admin.single-keys";

const groups = new Map<string, ShortcutGroup>();
const listeners = new Set<() => void>();
let shown: readonly ShortcutGroup[] = [];
let first: { key: string; at: number } | null = null;

function tell() {
  shown = [...groups.values()].sort((a, b) => Number(a.everywhere ?? false) - Number(b.everywhere ?? false));
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** The shortcuts of the page as it is, its own first. */
export const useShortcutGroups = (): readonly ShortcutGroup[] => useSyncExternalStore(subscribe, () => shown);

/** Whether keys without a modifier do anything: whoever dictates or types by switches may turn them off. */
export const singleKeys = {
  subscribe,
  get: (): boolean => localStorage.getItem(SINGLE_KEYS) !== "off",
  set(on: boolean) {
    if (on) localStorage.removeItem(SINGLE_KEYS);
    else localStorage.setItem(SINGLE_KEYS, "off");
    tell();
  },
};

/** Whether a dialog is open: the page's keys rest then. */
const inDialog = () => document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** Whether keys are being typed into something. */
const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, [contenteditable], .cm-editor") !== null);

/** Whether keys belong to what is being written, or to a dialog. */
export const isElsewhere = (target: EventTarget | null): boolean => inDialog() || isTyping(target);

/** What is pressed, together with a key just before it when that begins a sequence. */
function pressed(event: KeyboardEvent): string[] {
  const key = combinationOf(event);
  const sequence = first && Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null;
  first = needsNoModifier(key) ? { key, at: Date.now() } : null;
  return sequence ? [sequence, key] : [key];
}

/** What also works in a dialog: it closes what it opened. */
const IN_DIALOGS = "mod+k";

function onKey(event: KeyboardEvent) {
  if (event.isComposing || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return;
  const typing = isTyping(event.target);
  for (const wanted of pressed(event)) {
    if (inDialog() && wanted !== IN_DIALOGS) continue;
    const plain = needsNoModifier(wanted);
    if (plain && (typing || !singleKeys.get())) continue;
    const found = shown.flatMap(({ shortcuts }) => shortcuts).find(({ keys, run }) => run && keys.toLowerCase() === wanted);
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

/** Has shortcuts work, and lists them, for as long as the component is there and they are enabled. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[], { enabled = true, everywhere = false }: Options = {}): void {
  const id = useId();
  const press = useEffectEvent((keys: string) => shortcuts.find((shortcut) => shortcut.keys === keys)?.run?.());
  const told = JSON.stringify(shortcuts.map(({ run, ...shortcut }) => ({ ...shortcut, runs: run !== undefined })));

  useEffect(() => {
    if (!enabled) return;
    const listed = (JSON.parse(told) as (Shortcut & { runs: boolean })[]).map(({ runs, ...shortcut }) => (runs ? { ...shortcut, run: () => press(shortcut.keys) } : shortcut));
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
