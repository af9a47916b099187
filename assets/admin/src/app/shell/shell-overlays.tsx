import { lazy, Suspense } from "react";
import { openOverlay, useOverlay } from "./overlays";

const Palette = lazy(async () => ({ default: (await import("./palette/palette")).Palette }));
const ShortcutsSheet = lazy(async () => ({ default: (await import("@/ui/shortcuts/sheet")).ShortcutsSheet }));
const StartWorkflow = lazy(async () => ({ default: (await import("./start-workflow")).StartWorkflow }));

/** The palette and the other dialogs of the shell; their code is loaded on first use. */
export function ShellOverlays() {
  const overlay = useOverlay();
  if (!overlay) return null;
  // A dialog that closes late must not close one that was opened in the meantime.
  const close = () => openOverlay(null);
  return (
    <Suspense>
      {overlay.name === "palette" && (
        <Palette key={overlay.text} start={overlay.text ?? ""} onClose={close} />
      )}
      {overlay.name === "shortcuts" && <ShortcutsSheet onClose={close} />}
      {overlay.name === "run" && <StartWorkflow workflowID={overlay.workflowID} onClose={close} />}
    </Suspense>
  );
}
