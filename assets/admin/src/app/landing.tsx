import { t } from "@lingui/core/macro";
import { Navigate } from "react-router";
import { startPath, useMe } from "@/lib/api/me";
import { lastTenant } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PlainPage } from "@/ui/page/plain-page";

/** Redirects to the start page of the tenant that was open last, or to the creation of the first one. */
export function Landing() {
  const { data, error, refetch } = useMe();
  if (error) {
    return (
      <PlainPage title={t`Could not load your tenants`}>
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </PlainPage>
    );
  }
  if (!data) return null;
  const last = lastTenant.get();
  const tenant = data.tenants.find(({ id }) => id === last) ?? data.tenants[0];
  return <Navigate replace to={tenant ? startPath(tenant) : "/new-tenant"} />;
}
