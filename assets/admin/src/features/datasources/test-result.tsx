import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Text } from "@mantine/core";
import { IconCircleCheck, IconPlugConnectedX } from "@tabler/icons-react";
import type { DatasourceTest } from "@/lib/api/model";
import { formatDuration } from "@/lib/format/format";
import { ErrorHint } from "@/ui/feedback/error-hint";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./datasources.module.css";

/** Some servers tell only a number. */
const versionOf = ({ serverVersion }: DatasourceTest, typeName: string) =>
  serverVersion && /^\d/.test(serverVersion) ? `${typeName} ${serverVersion}` : serverVersion;

/** Shows the result of a connection test, in sight below the fields: they do not move. */
export function TestResult({
  result,
  error,
  typeName,
}: {
  result: DatasourceTest | undefined;
  error: unknown;
  typeName: string;
}) {
  if (!error && !result) return null;
  return (
    <div className={classes.result}>
      {error ? (
        <ErrorPanel error={error} title={t`Could not test the connection`} />
      ) : (
        result && <Verdict result={result} typeName={typeName} />
      )}
    </div>
  );
}

function Verdict({ result, typeName }: { result: DatasourceTest; typeName: string }) {
  const took = formatDuration(result.latencyMs);
  if (result.ok) {
    return (
      <Alert
        color="green"
        variant="light"
        icon={<IconCircleCheck size={18} />}
        title={t`Connected`}
        role="status"
      >
        {[versionOf(result, typeName), t`responded in ${took}`].filter(Boolean).join(" · ")}
      </Alert>
    );
  }
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconPlugConnectedX size={18} />}
      title={t`Connection failed`}
      role="alert"
    >
      <Text size="md" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {result.error ?? t`The datasource gave no reason.`}
      </Text>
      {result.hint && <ErrorHint text={result.hint} />}
      <Text size="sm" c="dimmed" mt={4}>
        <Trans>Failed after {took}</Trans>
      </Text>
    </Alert>
  );
}
