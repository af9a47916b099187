import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { isApiError } from "@/lib/api/errors";
import { ErrorHint } from "@/ui/feedback/error-hint";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { errorPlaceOf, indexOf, plainText, positionOf } from "./error-place";

interface QueryErrorProps {
  error: unknown;
  /** The text that was run. */
  sql: string;
  onRetry: () => void;
  /** Moves the cursor to an index of the text. */
  onGoTo: (index: number) => void;
}

/** Shows the datasource's error with its own code, the position in the text and a hint. */
export function QueryError({ error, sql, onRetry, onGoTo }: QueryErrorProps) {
  const place = errorPlaceOf(error, sql);
  const isFromDatasource = isApiError(error, "DATASOURCE_ERROR");
  if (!isApiError(error) || !(isFromDatasource || place))
    return <ErrorPanel error={error} title={t`Could not run the query`} onRetry={onRetry} />;
  const { code, hint } = error.source;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={isFromDatasource ? t`The datasource returned an error` : t`Could not run the query`}
      role="alert"
    >
      <Text
        size="sm"
        {...(isFromDatasource ? { ff: "monospace" } : {})}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {plainText(error)}
      </Text>
      {hint && <ErrorHint text={hint} />}
      {(place || code) && (
        <Group gap="sm" mt="sm">
          <Text size="xs" c="dimmed" className="tabular">
            {[place && t`line ${place.line}, column ${place.column}`, code && t`code ${code}`]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          {place && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => onGoTo(indexOf(sql, positionOf(error)))}
            >
              <Trans>Show in query</Trans>
            </Button>
          )}
        </Group>
      )}
    </Alert>
  );
}
