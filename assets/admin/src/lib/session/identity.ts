import { t } from "@lingui/core/macro";
import type { Below, Body } from "@/lib/api/contract";
import { ApiError, networkError } from "@/lib/api/errors";
import { readJson } from "@/lib/format/exact-json";

/** The messages for the identity endpoints' error codes. */
const words: Record<string, string> = {
  EXPIRED_OOB_CODE: t`This link has expired. Request a new one.`,
  INVALID_OOB_CODE: t`This link is not valid or was already used. Request a new one.`,
  WEAK_PASSWORD: t`This password is too weak. Choose a longer one.`,
  INVALID_LOGIN_CREDENTIALS: t`Wrong email or password.`,
  TOO_MANY_ATTEMPTS_TRY_LATER: t`Too many attempts. Try again later.`,
  OPERATION_NOT_ALLOWED: t`This server does not allow this.`,
  USER_DISABLED: t`This account is disabled.`,
  EMAIL_EXISTS: t`This email address is already in use by another account.`,
  CREDENTIAL_TOO_OLD_LOGIN_AGAIN: t`Enter your current password to confirm this change.`,
};

const accounts = "/identitytoolkit.googleapis.com/v1/accounts:";
type Action = Below<typeof accounts, "post">;

/** Calls one of the Firebase-compatible account endpoints. */
async function account<T>(action: Action, body: Body<`${typeof accounts}${Action}`, "post">): Promise<T> {
  const response = await fetch(`${accounts}${action}?key=jet-admin`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw networkError(cause);
  });
  if (response.ok) return (await readJson(response)) as T;
  const answer = (await readJson(response).catch(() => null)) as { error?: { message?: string } } | null;
  const message = answer?.error?.message ?? "";
  const code = /^[A-Z_]+/.exec(message)?.[0] ?? "SERVER_ERROR";
  throw new ApiError(
    response.status,
    code,
    words[code] ?? (message || t`The server responded with ${response.status}`),
    [],
    response.headers.get("x-request-id"),
  );
}

export const identity = {
  /** Sends a link by email; does not reveal whether the account exists. */
  requestPasswordReset: (email: string) =>
    account<{ email: string }>("sendOobCode", { requestType: "PASSWORD_RESET", email }),
  requestVerification: (idToken: string) =>
    account<{ email: string }>("sendOobCode", { requestType: "VERIFY_EMAIL", idToken }),
  resetPassword: (oobCode: string, newPassword: string) =>
    account<{ email: string }>("resetPassword", { oobCode, newPassword }),
  verifyEmail: (oobCode: string) => account<{ email: string }>("update", { oobCode }),
  /** Updates the signed-in account. A new password requires the current one. */
  update: (
    idToken: string,
    change: { displayName?: string; photoUrl?: string; password?: string; currentPassword?: string },
  ) => account<{ localId: string }>("update", { idToken, ...change }),
  /** Sends a link to the new address, which takes effect once that link is opened. */
  requestEmailChange: (idToken: string, change: { newEmail: string; currentPassword: string }) =>
    account<{ email: string }>("sendOobCode", { requestType: "VERIFY_AND_CHANGE_EMAIL", idToken, ...change }),
  /** Returns whether the address is verified, and a new one that is waiting for confirmation. */
  emailState: async (idToken: string) => {
    const { users } = await account<{ users: { emailVerified?: boolean; pendingEmail?: string | null }[] }>(
      "lookup",
      { idToken },
    );
    return { verified: users[0]?.emailVerified ?? false, pending: users[0]?.pendingEmail ?? null };
  },
};
