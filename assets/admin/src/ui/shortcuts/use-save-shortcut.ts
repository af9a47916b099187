import { t } from "@lingui/core/macro";
import { useShortcuts } from "./registry";

/** Ctrl/Cmd+S saves, also while typing; if nothing can be saved, the browser's own dialog is suppressed. */
export function useSaveShortcut(save: () => void, enabled = true): void {
  useShortcuts(t`This page`, [{ keys: "mod+S", label: t`Save`, whileTyping: true, run: save }], { enabled });
}
