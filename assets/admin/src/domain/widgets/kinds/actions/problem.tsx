import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, messageOf } from "@/lib/api/errors";
import { labelled } from "@/lib/api/texts/error-texts";
import { CopyButton } from "@/ui/text/copy-button";
import { useWidgetActions } from "../host";
import { Scroll } from "../scroll";
import { labelBehind } from "./action-config";
import classes from "./actions.module.css";

/** Shows an error inside a widget: reason, request ID and a retry button. */
export function Problem({ error: given, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { setterOf } = useWidgetActions();
  const vars = (name: string) => setterOf?.(name)?.title;
  const error = labelled(given, (path) => labelBehind(undefined, path, { vars }));
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <Scroll className={classes.problem} label={t`Error details`}>
      <Text size="sm" className={classes.problemText} role="alert">
        <IconAlertTriangle size={15} aria-hidden />
        <span>{messageOf(error)}</span>
      </Text>
      {requestId && (
        <span className={classes.requestId}>
          <Trans>Request ID {requestId.slice(0, 8)}…</Trans>
          <CopyButton value={requestId} label={t`Copy request ID`} />
        </span>
      )}
      {onRetry && (
        <Button size="xs" variant="default" onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </Scroll>
  );
}
