import { t } from "@lingui/core/macro";
import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { useSession } from "@/lib/api/me";
import { session } from "@/lib/session";
import { ErrorPanel } from "@/ui/error-panel";
import { PlainPage } from "@/ui/plain-page";

/** Lets only the signed-in pass; others come back here after signing in. */
export function RequireSession() {
  const { status } = useSession();
  const location = useLocation();
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    session.idToken().then(() => setError(null), setError);
  }, [attempt]);

  if (status === "signedIn") return <Outlet />;
  if (status === "signedOut") {
    const next = location.pathname + location.search;
    return <Navigate replace to={next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`} />;
  }
  if (!error) return null;
  return (
    <PlainPage title={t`jet-admin does not answer`}>
      <ErrorPanel error={error} onRetry={() => setAttempt((count) => count + 1)} />
    </PlainPage>
  );
}
