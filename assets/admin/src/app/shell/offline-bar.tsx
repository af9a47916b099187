import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { connection } from "@/lib/session/connection";
import classes from "./shell.module.css";

/** Shown while the server cannot be reached. */
export function OfflineBar() {
  const reachable = useSyncExternalStore(connection.subscribe, connection.isReachable);
  return (
    // Always rendered, so that screen readers announce what appears in it.
    <div role="status" aria-live="polite" aria-label={t`Connection`}>
      {!reachable && (
        <div className={classes.offline}>
          <IconPlugConnectedX size={16} stroke={1.6} aria-hidden />
          <span>
            <Trans>You are offline. Changes are not saved until the connection is restored.</Trans>
          </span>
          <Button size="compact-xs" variant="default" onClick={connection.check}>
            <Trans>Try now</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}
