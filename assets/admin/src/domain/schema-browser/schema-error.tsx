import { t } from "@lingui/core/macro";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface SchemaErrorProps {
  error: unknown;
  onRetry: () => unknown;
}

/** Says why the tables of a datasource cannot be shown. */
export function SchemaError({ error, onRetry }: SchemaErrorProps) {
  return <ErrorPanel error={error} title={t`Could not load the schema`} onRetry={() => void onRetry()} />;
}
