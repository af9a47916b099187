import { t } from "@lingui/core/macro";
import { useShortcuts } from "./registry";

/** Ctrl/Cmd+S saves, also while something is typed; where nothing may be saved the browser does not offer to save the page. */
export function useSaveShortcut(save: () => void, enabled = true): void {
  useShortcuts(t`This page`, [{ keys: "mod+S", label: t`Save`, whileTyping: true, run: save }], { enabled });
}
