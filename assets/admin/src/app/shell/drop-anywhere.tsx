import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Portal, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useUploadPage } from "@/domain/files/use-incoming";
import { useCan } from "@/lib/api/me";
import { TAKES_FILES } from "@/lib/files/takes-files";
import { useLatest } from "@/lib/stable";
import classes from "./drop-anywhere.module.css";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;

/** Whether an element under the pointer takes the files itself, or a dialog must be answered first. */
const isTaken = ({ target }: DragEvent) =>
  (target instanceof Element && target.closest(`[${TAKES_FILES}]`) !== null) ||
  document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** Accepts files that are dropped on any page, and uploads them. */
export function DropAnywhere() {
  const isAllowed = useCan()("file:create");
  return isAllowed ? <DropTarget /> : null;
}

function DropTarget() {
  const { upload } = useUploadPage();
  const [isOver, setIsOver] = useState(false);
  const latest = useLatest(upload);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      const taken = isTaken(event);
      setIsOver(!taken);
      if (taken) return;
      // Otherwise the browser opens the file, or an editor inserts its content.
      event.preventDefault();
      event.stopPropagation();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      setIsOver(false);
      if (!hasFiles(event) || isTaken(event)) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current({ files: [...(event.dataTransfer?.files ?? [])] });
    };
    const listeners = { dragenter: over, dragover: over, dragleave: leave, drop } as const;
    const names = Object.keys(listeners) as (keyof typeof listeners)[];
    for (const name of names) document.addEventListener(name, listeners[name], true);
    return () => {
      for (const name of names) document.removeEventListener(name, listeners[name], true);
    };
  }, [latest]);
  if (!isOver) return null;
  return (
    <Portal>
      <div className={classes.overlay} role="status" aria-label={t`Drop files to upload them`}>
        <div className={classes.box}>
          <IconFileUpload size={32} stroke={1.2} aria-hidden />
          <Text fw={500}>
            <Trans>Drop files to upload them</Trans>
          </Text>
          <Text size="sm" c="var(--jet-muted)">
            <Trans>CSV, Excel and JSON files become tables to query.</Trans>
          </Text>
        </div>
      </div>
    </Portal>
  );
}
