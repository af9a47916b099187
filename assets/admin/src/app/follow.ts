import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { followChanges } from "@/lib/api/changes";
import { followLanguage } from "@/lib/i18n";
import { session, type SessionState } from "@/lib/session/session";
import { wouldLose } from "@/lib/session/unsaved";
import { settled } from "@/lib/session/unsaved";
import { router } from "./router";

/** Keeps the page in step with the session, so that nothing of one account is left for the next. */
function follow(client: QueryClient, before: SessionState, now: SessionState) {
  if (now.status === "signedOut") client.clear();
  if (now.status !== "signedIn" || !("user" in before)) return;
  if (before.user.id !== now.user.id) {
    client.clear();
    void router.navigate("/", { replace: true, ...settled });
  } else if (before.status === "expired") void client.invalidateQueries();
}

/** Reacts to changes in other tabs and to the session. */
export function useFollow() {
  const client = useQueryClient();
  useEffect(() => {
    let before = session.getState();
    const leaveSession = session.subscribe(() => {
      const now = session.getState();
      follow(client, before, now);
      before = now;
    });
    const leaveChanges = followChanges(client);
    const leaveLanguage = followLanguage(() => !wouldLose());
    return () => {
      leaveSession();
      leaveChanges();
      leaveLanguage();
    };
  }, [client]);
}
