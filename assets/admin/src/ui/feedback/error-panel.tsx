import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, fieldName, messageOf } from "@/lib/api/errors";
import { CopyButton } from "../text/copy-button";

/** Shows an error with its request ID and a retry button; `page` if nothing else is shown. */
export function ErrorPanel({
  error,
  title,
  onRetry,
  page = false,
}: {
  error: unknown;
  title?: string;
  onRetry?: () => void;
  page?: boolean;
}) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  const details = error instanceof ApiError ? error.details : [];
  return (
    <Alert
      color="red"
      m={page ? { base: "lg", sm: "xl" } : 0}
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={title ?? t`Something went wrong`}
      role="alert"
    >
      <Stack gap="sm">
        <Text size="md" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {messageOf(error)}
        </Text>
        {details.length > 1 && (
          <ul style={{ margin: 0, paddingInlineStart: 18 }}>
            {details.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path && (
                  <>
                    <code>{fieldName(path)}</code>:{" "}
                  </>
                )}
                {message}
              </li>
            ))}
          </ul>
        )}
        {(requestId || onRetry) && (
          <Group gap="sm">
            {onRetry && (
              <Button size="xs" variant="default" onClick={onRetry}>
                <Trans>Try again</Trans>
              </Button>
            )}
            {requestId && (
              <Group gap={2} wrap="nowrap">
                <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                  <Trans>Request ID {requestId}</Trans>
                </Text>
                <CopyButton value={requestId} label={t`Copy request ID`} />
              </Group>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
