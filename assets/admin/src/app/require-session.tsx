import { t } from "@lingui/core/macro";
import { lazy, Suspense, useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { useSession } from "@/lib/api/me";
import { connection } from "@/lib/session/connection";
import { session } from "@/lib/session/session";
import { wouldLose } from "@/lib/session/unsaved";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PlainPage } from "@/ui/page/plain-page";

const SignInAgain = lazy(async () => ({ default: (await import("./sign-in-again")).SignInAgain }));

/** Requires a session; after sign-in people return to the page that they asked for. */
export function RequireSession() {
  const now = useSession();
  const location = useLocation();
  const { error, retry } = useFirstToken();
  useGiveUpWhenNothingIsLost(now.status);

  if (now.status === "signedIn") return <Outlet />;
  if (now.status === "expired") {
    return (
      <>
        <Outlet />
        <Suspense>
          <SignInAgain user={now.user} />
        </Suspense>
      </>
    );
  }
  if (now.status === "signedOut") {
    const next = location.pathname + location.search;
    return (
      <Navigate
        replace
        to={next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`}
        state={{ was: now.was }}
      />
    );
  }
  if (!error) return null;
  return (
    <PlainPage title={t`jet-admin is not responding`}>
      <ErrorPanel error={error} onRetry={retry} />
    </PlainPage>
  );
}

/** Requests a token when the page loads and whenever the server is reachable again. */
function useFirstToken() {
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const retry = () => setAttempt((count) => count + 1);

  useEffect(() => {
    if (session.getState().status === "expired") return;
    session.idToken().then(() => setError(null), setError);
  }, [attempt]);
  useEffect(() => connection.subscribe(() => connection.isReachable() && retry()), []);
  return { error, retry };
}

/** Redirects to the sign-in page when the session ends, unless unsaved work would be lost. */
function useGiveUpWhenNothingIsLost(status: string) {
  useEffect(() => {
    if (status === "expired" && !wouldLose()) session.giveUp();
  }, [status]);
}
