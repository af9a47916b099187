import { Alert, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconBulb } from "@tabler/icons-react";
import { isApiError } from "@/lib/api/errors";
import { ErrorPanel } from "@/ui/error-panel";
import { placeOf } from "./error-place";

/** What the datasource said, with its own code, the place in the text and its hint. */
export function QueryError({ error, sql, onRetry }: { error: unknown; sql: string; onRetry: () => void }) {
  if (!isApiError(error, "DATASOURCE_ERROR")) return <ErrorPanel error={error} title="The query did not run" onRetry={onRetry} />;
  const place = placeOf(error, sql);
  const { code, hint } = error.source;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title="The datasource refused the query" role="alert">
      <Text size="sm" ff="monospace" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {error.message}
      </Text>
      {hint && (
        <Group gap={6} mt="sm" wrap="nowrap" align="flex-start">
          <IconBulb size={16} style={{ flex: "none", marginTop: 1 }} aria-hidden />
          <Text size="sm">{hint}</Text>
        </Group>
      )}
      {(place || code) && (
        <Text size="xs" c="dimmed" mt="sm" className="tabular">
          {[place && `line ${place.line}, column ${place.column}`, code && `code ${code}`].filter(Boolean).join(" · ")}
        </Text>
      )}
    </Alert>
  );
}
