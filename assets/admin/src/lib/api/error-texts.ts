import { t } from "@lingui/core/macro";

/** How a message of the server is recognized, and what it is for people. */
type Text = readonly [pattern: RegExp, text: (...found: string[]) => string];

/** What is wrong with one field. */
const fieldTexts: readonly Text[] = [
  [/^is required(?:: it must not be empty)?$/, () => t`This field is required.`],
  [/^must not be empty$/, () => t`Must not be empty`],
  [/^must be a whole number$/, () => t`Must be a whole number`],
  [
    /^must be a whole number from (\S+) to (\S+)$/,
    (low, high) => t`Must be a whole number from ${low} to ${high}`,
  ],
  [/^must be a number$/, () => t`Must be a number`],
  [/^must be (?:a string|text)$/, () => t`Must be text`],
  [/^must be one line of text$/, () => t`Must be one line of text`],
  [/^must be true or false$/, () => t`Must be true or false`],
  [/^must be (?:a list|an array)$/, () => t`Must be a list`],
  [/^must be an object$/, () => t`Must be an object`],
  [/^must be a date(?: such as .*)?$/, () => t`Must be a date`],
  [/^must be an email address$/, () => t`Enter a valid email address.`],
  [/^must be in the future$/, () => t`Must be in the future`],
  [/^must be one of (.+)$/, (list) => t`Must be one of: ${list}`],
  [/^must be at least (\S+)$/, (least) => t`Must be at least ${least}`],
  [/^must be at most (\S+)$/, (most) => t`Must be at most ${most}`],
  [/^must be at most (\S+) characters$/, (most) => t`Must be at most ${most} characters`],
  [/^must be (\S+) to (\S+) characters$/, (least, most) => t`Must be ${least} to ${most} characters`],
  [/^must not contain control characters$/, () => t`Must not contain control characters`],
];

/** Returns the names of records, without their kinds: `the widget "Sales"`. */
const namesIn = (users: string) => users.replace(/the [a-z ]+ "/g, '"');

/** What kept a request from being carried out. */
const texts: readonly Text[] = [
  [/^there is already an? .+? named "(.*)"$/s, (name) => t`The name “${name}” is already taken.`],
  [
    /^there is another .+? named "(.*)" now: /s,
    (name) => t`The name “${name}” is taken by another record. Rename that one first.`,
  ],
  [
    /^it is used by (.+?)(?: and (\d+) more)?: delete them first/s,
    (users, more) =>
      more ? t`Still in use by ${namesIn(users)} and ${more} more.` : t`Still in use by ${namesIn(users)}.`,
  ],
  [
    /^it is still in use by members, invitations or API keys$/,
    () => t`Still in use by members, invitations or API keys.`,
  ],
  [
    /^an account with this email address already exists/,
    () => t`An account with this email address already exists. Sign in instead.`,
  ],
  [
    /^another account has this email address$/,
    () => t`This email address is already in use by another account.`,
  ],
  [/^this account is disabled/, () => t`This account is disabled.`],
  [/^sign-up is by invitation only/, () => t`Sign-up is by invitation only.`],
  [/^the run has already ended/, () => t`The run has already ended.`],
  [/^the (?:step|run) no longer waits for/, () => t`The run no longer waits for this answer.`],
  [/^you are not a member of this tenant$/, () => t`You are not a member of this tenant.`],
  [
    /^your role does not include (.+)$/,
    (permission) => t`Your role does not include the permission ${permission}.`,
  ],
  [/your role needs (\S+) /, (permission) => t`Your role needs the permission ${permission}.`],
  [/^(?:the server did not respond|no response) within (\d+) ms$/, (ms) => t`No response within ${ms} ms.`],
  [/^the server is stopping$/, () => t`The server is restarting. Try again in a moment.`],
  [/^DNS: (.*)$/s, (why) => t`The host name cannot be resolved: ${why}`],
  [/^TCP: (.*)$/s, (why) => t`The server cannot be reached: ${why}`],
  [/^TLS: (.*)$/s, (why) => t`No secure connection to the server: ${why}`],
  [/^authentication: (.*)$/s, (why) => t`The server rejected the sign-in: ${why}`],
  [/^database name: (.*)$/s, (why) => t`The database cannot be opened: ${why}`],
  [/^protocol: (.*)$/s, (why) => t`The server does not use the expected protocol: ${why}`],
];

/** Messages that only repeat their code. */
const byCode: Record<string, () => string> = {
  INVALID_LOGIN_CREDENTIALS: () => t`Wrong email or password.`,
  RATE_LIMITED: () => t`Too many attempts. Try again later.`,
  NOT_FOUND: () => t`Not found. It may have been deleted.`,
  VERSION_CONFLICT: () => t`The record was changed in the meantime.`,
  PAYLOAD_TOO_LARGE: () => t`This is too large for the server.`,
  USER_AUTH_TOKEN_MISSING: () => t`Your session has ended. Sign in again.`,
  USER_AUTH_TOKEN_INVALID: () => t`Your session has ended. Sign in again.`,
  USER_AUTH_TOKEN_EXPIRED: () => t`Your session has ended. Sign in again.`,
};

function found(all: readonly Text[], message: string): string | null {
  for (const [pattern, text] of all) {
    const match = pattern.exec(message);
    if (match) return text(...match.slice(1));
  }
  return null;
}

/** Returns the server's message about a field for people, or the message itself if it is not known. */
export const fieldText = (message: string): string => found(fieldTexts, message) ?? message;

const FIELD = /^([\w.[\]-]+): (.*?)( \(and \d+ more\))?$/s;

/** Returns the server's message for people, or the message itself if it is not known. */
export function errorText(code: string, message: string): string {
  const known = byCode[code]?.() ?? found(texts, message);
  if (known) return known;
  const [, path, problem = "", more = ""] = (code === "INVALID_REQUEST" && FIELD.exec(message)) || [];
  return path ? `${path}: ${fieldText(problem)}${more}` : fieldText(message);
}
