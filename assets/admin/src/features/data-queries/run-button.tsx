import { Button } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlayerStop } from "@tabler/icons-react";
import classes from "./data-queries.module.css";
import type { Runner } from "./run";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function RunButton({ runner }: { runner: Runner }) {
  if (runner.running) {
    return (
      <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={runner.cancel}>
        Cancel
      </Button>
    );
  }
  return (
    <Button leftSection={<IconPlayerPlayFilled size={14} />} rightSection={<span className={classes.keys} aria-hidden>{isMac ? "⌘↵" : "Ctrl ↵"}</span>} aria-keyshortcuts={isMac ? "Meta+Enter" : "Control+Enter"} onClick={() => void runner.start()}>
      Run
    </Button>
  );
}
