import { t } from "@lingui/core/macro";
import { fieldName, isApiError } from "../errors";
import type { ErrorDetail } from "../model";
import { importFieldTexts, importTexts } from "./import-texts";
import { textOfMessage, type MessageText } from "./message-texts";

/** Why a query that changes data is not executed to show its result. */
const changingTexts: readonly MessageText[] = [
  [
    /^the query "(.*)" changes data, so it is not executed to show its result/s,
    (name) =>
      t`The query “${name}” changes data, so its result is not shown. Run it from an action, such as a button.`,
  ],
  [
    /^(?:this query|the statement) changes data, so it is not executed to show its result/,
    () => t`This query changes data, so its result is not shown. Run it from an action, such as a button.`,
  ],
];

/** What is wrong with one field. */
const fieldTexts: readonly MessageText[] = [
  [/^is required(?:: it must not be empty)?$/, () => t`This field is required.`],
  [/^is missing(?:: .*)?$/, () => t`This field is required.`],
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
  [/^must be from (\S+) to (\S+)$/, (low, high) => t`Must be from ${low} to ${high}`],
  [/^must be between (\S+) and ([^\s;]+)/, (low, high) => t`Must be between ${low} and ${high}`],
  [/^must be more than `?([^`]+)`?$/, (least) => t`Must be more than ${least}`],
  [/^must not be less than `?([^`]+)`?$/, (least) => t`Must not be less than ${least}`],
  [/^must have at most (\d+) items$/, (most) => t`Must have at most ${most} entries`],
  [/^must be at most ([\d ]+ (?:bytes|[KMG]iB))\b/, (most) => t`Must be at most ${most}`],
  [
    /^must be an identifier such as (\S+)$/,
    (example) => t`Use letters, digits and _ only, and no digit at the start, for example ${example}`,
  ],
  [/^must start with https:\/\/(?: or \/)?$/, () => t`Must start with https://`],
  [/^must be an https URL of at most (\d+) characters$/, () => t`Must be a URL that starts with https://`],
  [/^must be an origin such as (\S+)$/, (example) => t`Enter an origin such as ${example}`],
  [/^must be a UUID$/, () => t`Must be an ID`],
  [/^must be a cron expression(.*?): (.*)$/s, (_, why) => t`This is not a cron expression: ${why}`],
  [/^must be the nextCursor of the same list/, () => t`The list has changed. Load it again.`],
  [/^`(.+)` is used twice$/, (name) => t`${name} is used twice`],
  [
    /^(?:no such .+ in this tenant|this workflow does not exist|there is no workflow with this ID)$/,
    () => t`This record does not exist anymore. Select another one.`,
  ],
  [/^this .+ is in the trash: restore it first$/, () => t`This record is in the trash. Restore it first.`],
  [/^is read-only/, () => t`Cannot be changed`],
  [/^cannot be changed/, () => t`Cannot be changed`],
  [/^is not valid or has expired/, () => t`Not valid, or expired. Request a new one.`],
  [/^(?:is nested too deeply|must not nest deeper than .*)$/, () => t`Nested too deeply`],
  [/^has too many values/, () => t`Too many values. Send less data.`],
  [/^add at least one option$/, () => t`Add at least one option.`],
  [
    /^add options, or select a query that returns them$/,
    () => t`Add options, or select a query that returns them.`,
  ],
  [/^enter a URL, or select a query and a column$/, () => t`Enter a URL, or select a query and a column.`],
  [/^select the column with the values$/, () => t`Select the column with the values.`],
  [/^must describe the image$/, () => t`Describe the image.`],
  [/^a slider requires `min` and `max`$/, () => t`A slider requires a minimum and a maximum.`],
  [/^`(\w+)` is reserved for/, (name) => t`${name} is reserved. Enter another name.`],
  [/^the query has no column `(.+)`/, (column) => t`The query has no column ${column}`],
  [/^must not be `reads`: the query changes data$/, () => t`This query certainly changes data.`],
  [
    /^is required, because the query changes data/,
    () => t`Enter a value, or give the parameter a default: the query changes data.`,
  ],
  ...changingTexts,
  [
    /^must be `[^`]+`: select a file that was exported from a dashboard$/,
    () => t`Select a file that was exported from a dashboard.`,
  ],
  [
    /^is (\d+), but this server reads version (\d+): update the server$/,
    (version, known) =>
      t`The file has version ${version}, but this server reads version ${known}. Update the server.`,
  ],
  [
    /^uses the .*?(?:"(.+)")?, which is not part of the file: select one of this tenant$/s,
    (name) =>
      name
        ? t`Uses “${name}”, which is not part of the file. Select a record of this tenant.`
        : t`Uses a record that is not part of the file. Select one of this tenant.`,
  ],
  [/^`user` has no field `(.+?)`/, (field) => t`The user has no field ${field}.`],
  ...importFieldTexts,
];

/** Returns the names of records, without their kinds: `the widget "Sales"`. */
const namesIn = (users: string) => users.replace(/the [a-z ]+ "/g, '"');

/** What kept a request from being carried out. */
const texts: readonly MessageText[] = [
  ...changingTexts,
  ...importTexts,
  [
    /^(?:[\w.[\]]+: )?there is already an? .+? named "(.*)"$/s,
    (name) => t`The name “${name}” is already taken.`,
  ],
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
  [
    /^`?(.+?)`? is built in: create a new role instead$/s,
    (name) => t`${name} is built in. Create a new role instead.`,
  ],
  [
    /^a tenant can have at most (\d+) /,
    (most) => t`A tenant can have at most ${most} of these. Delete some first.`,
  ],
  [
    /^you own (\d+) tenants, which is the maximum/,
    (most) => t`You own ${most} tenants, which is the maximum.`,
  ],
  [/ would exceed the quota of ([^:]+):/, (quota) => t`This would exceed the quota of ${quota}.`],
  [
    /^shows data of the person who is signed in/,
    () => t`This widget shows the data of the signed-in user. Sign in to see it.`,
  ],
  [/^waits for a value: `([^`]+)` is not set$/s, (path) => t`Waits for a value: ${path} is not set.`],
  [/^this account already exists$/, () => t`This account already exists.`],
  [
    /^the stored secrets cannot be decrypted with this server's key/,
    () => t`The stored secrets cannot be read with this server’s key. Enter them again.`,
  ],
  [
    /^(?:too many writes are waiting|the record is being changed by others|the run was changed by another process)/,
    () => t`The server is busy. Try again in a moment.`,
  ],
  [
    /^(?:the server's disk|the disk) is full$/,
    () => t`The server’s disk is full. Ask the person who runs it to free some space.`,
  ],
  [/^something went wrong on the server$/, () => t`Something went wrong on the server. Try again.`],
  [
    /^(?:there is not enough memory|the server is short of memory)/,
    () => t`The server does not have enough memory for this now. Try again later.`,
  ],
  [/^the (?:upload|body) was interrupted/, () => t`The transfer was interrupted. Try again.`],
  [/^the body is empty/, () => t`The content is empty.`],
  [/^your access was revoked$/, () => t`Your access was revoked.`],
  [/^only the admin of this instance/, () => t`Only the admin of this server can see this.`],
  [/ was stopped after (\d+) ms$/, (ms) => t`Stopped after ${ms} ms.`],
  [/^the database did not answer$/, () => t`The database did not answer.`],
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
  INVALID_TENANT: () => t`You are not a member of this tenant.`,
  RUN_CANCELLED: () => t`The run was stopped.`,
  VERSION_CONFLICT: () => t`The record was changed in the meantime.`,
  PAYLOAD_TOO_LARGE: () => t`This is too large for the server.`,
  USER_AUTH_TOKEN_MISSING: () => t`Your session has ended. Sign in again.`,
  USER_AUTH_TOKEN_INVALID: () => t`Your session has ended. Sign in again.`,
  USER_AUTH_TOKEN_EXPIRED: () => t`Your session has ended. Sign in again.`,
};

/** The place of an error in a text, counted from 1. */
const AT_CHARACTER = / \(at character (\d+)\)/;

/** Returns the place that a message names, in characters from 1; null if it names none. */
export const placeIn = (message: string): number | null => {
  const found = AT_CHARACTER.exec(message)?.[1];
  return found === undefined ? null : Number(found);
};

/**
 * Returns the server's message about a field for people, or the message itself if it is not known. Nobody counts
 * characters: editors show the place.
 */
export function fieldText(message: string): string {
  const plain = message.replace(AT_CHARACTER, "");
  return textOfMessage(fieldTexts, plain) ?? plain;
}

/** The text of a query, of which an error is shown in the editor or beside the query's name. */
const IN_QUERY = /(^|\.)options\.sql$/;

/** Returns what is wrong with a field for people; in the text of a query, its editor needs the place. */
export const detailText = ({ path, message }: ErrorDetail): string =>
  IN_QUERY.test(path) ? message : fieldText(message);

/** The place of an error in a script. */
const IN_SCRIPT: MessageText = [
  /^code: (.*) \(line (\d+), column (\d+)\)$/s,
  (what, line, column) => t`${what} (line ${line}, column ${column})`,
];

const FIELD = /^([\w.[\]-]+): (.*?)(?: \(and (\d+) more\))?$/s;

/** Returns the field that the server's message names, with what is wrong with it; null if it names none. */
export function fieldIn(message: string): { path: string; problem: string } | null {
  const [, path, problem = ""] = FIELD.exec(message) ?? [];
  return path ? { path, problem: fieldText(problem) } : null;
}

/** Names a field whose path only the API knows. */
const isGiven = (path: string): boolean => fieldName(path) !== path;

/** Returns what is wrong with a field of a request, with its label or else its name. */
const problemText = (path: string, problem: string, label: string | null = null): string => {
  if (IN_QUERY.test(path)) return problem;
  const name = label ?? fieldName(path);
  return label !== null || isGiven(path) ? t`“${name}”: ${problem}` : `${path}: ${problem}`;
};

/** Returns the message of a step or a run that failed for people; what a database or a script says stays as it is. */
export function runErrorText(message: string): string {
  const known = textOfMessage([IN_SCRIPT, ...texts], message);
  const field = known === null ? fieldIn(message) : null;
  if (field && isGiven(field.path)) return problemText(field.path, field.problem);
  return known ?? fieldText(message);
}

/**
 * Returns an error of a request with the labels of its fields, as people see them; `labelOf` gets their paths and
 * returns null for a field without a label.
 */
export function labelled(error: unknown, labelOf: (path: string) => string | null): unknown {
  if (!isApiError(error, "INVALID_REQUEST")) return error;
  const { path } = fieldIn(error.message) ?? {};
  const label = path === undefined ? null : labelOf(path);
  return label === null ? error : error.saying(errorText(error.code, error.message, () => label));
}

/** Returns the server's message for people, or the message itself if it is not known; for `labelOf` see `labelled`. */
export function errorText(
  code: string,
  message: string,
  labelOf: (path: string) => string | null = () => null,
): string {
  const known = byCode[code]?.() ?? textOfMessage(texts, message);
  if (known) return known;
  const [, path, problem = "", more] = (code === "INVALID_REQUEST" && FIELD.exec(message)) || [];
  if (!path) return fieldText(message);
  const one = problemText(path, fieldText(problem), labelOf(path));
  return more ? t`${one} (and ${more} more)` : one;
}
