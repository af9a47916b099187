import { t } from "@lingui/core/macro";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NotFound, PlainPage } from "@/ui/page/plain-page";

/** Shown when a page fails to load or to render. */
export function RouteError() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  return (
    <PlainPage title={t`Could not load this page`}>
      <ErrorPanel error={error} onRetry={() => window.location.reload()} />
    </PlainPage>
  );
}
