import { useEffect } from "react";
import { Navigate } from "react-router";
import { useSession } from "@/lib/api/me";
import { session } from "@/lib/session/session";

/** Ends the session. It is a page, so that leaving unsaved work asks first. */
export function SignOut() {
  const { status } = useSession();
  useEffect(() => {
    void session.signOut();
  }, []);
  return status === "signedOut" ? <Navigate replace to="/sign-in" /> : null;
}
