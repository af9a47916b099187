import { t } from "@lingui/core/macro";
import { readJson } from "@/lib/format/exact-json";
import { connection } from "@/lib/session/connection";
import type { ConflictDetail, ErrorBody, ErrorDetail, ErrorSource } from "./model";

/** An error response of the server, or no response (`code` NETWORK, `status` 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** Rows of a datasource that someone else changed or deleted. */
  conflicts: ConflictDetail[] = [];

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetail[] = [],
    readonly requestId: string | null = null,
    /** For DATASOURCE_ERROR: the external system's own code, position and hint. */
    readonly source: ErrorSource = {},
    /** The message for people. */
    readonly text: string = message,
  ) {
    super(message);
  }

  /** Returns the same error with another message for people. */
  saying(text: string): ApiError {
    const { status, code, message, details, requestId, source, conflicts } = this;
    return Object.assign(new ApiError(status, code, message, details, requestId, source, text), {
      conflicts,
    });
  }
}

/** Returns a field's path without the part that only the API knows: `parameters.region` is called `region`. */
export const fieldName = (path: string): string =>
  path.replace(/^(?:parameters|variables|values|input|form)\./, "");

export function isApiError(error: unknown, code?: string): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

/** Whether a URL leads nowhere: its record does not exist, or its ID is not valid. */
export const isNowhere = (error: unknown): boolean =>
  isApiError(error, "NOT_FOUND") ||
  (isApiError(error, "INVALID_REQUEST") && /^\w+ID: must be a UUID$/.test(error.message));

/** Parses an error response, including ones that jet-admin did not write (a proxy's HTML page). */
export async function toApiError(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id");
  const body = await readJson(response).catch(() => null);
  if (isErrorBody(body)) {
    const { code, message, details = [], source } = body.error;
    // Loaded when the first error arrives: the first page has no room for it.
    const texts = await import("./texts/error-texts").catch(() => null);
    const error = new ApiError(
      response.status,
      String(code),
      message,
      texts ? details.map((detail) => ({ ...detail, message: texts.detailText(detail) })) : details,
      body.error.requestId ?? requestId,
      source ?? {},
      texts?.errorText(String(code), message),
    );
    error.conflicts = (body.error.conflicts ?? []) as ConflictDetail[];
    return error;
  }
  // A proxy responds in place of an unreachable server.
  if ([502, 503, 504].includes(response.status)) connection.suspect();
  return new ApiError(
    response.status,
    "SERVER_ERROR",
    t`The server responded with ${response.status} ${response.statusText}`.trim(),
    [],
    requestId,
  );
}

/** No response: starts to check whether the server can be reached. */
export function networkError(cause: unknown): ApiError {
  connection.suspect();
  const error = new ApiError(
    0,
    "NETWORK",
    t`Could not reach the server. Check your connection and try again.`,
  );
  error.cause = cause;
  return error;
}

/** Returns what went wrong, for people. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.text;
  return error instanceof Error ? error.message : String(error);
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "error" in body &&
    typeof body.error === "object" &&
    body.error !== null &&
    "message" in body.error
  );
}

/** The error that keeps a page from showing; an error while data is already shown does not count. */
export function failureOf(...queries: readonly { data: unknown; error: unknown }[]): unknown {
  return queries.find(({ data, error }) => error && data === undefined)?.error ?? null;
}
