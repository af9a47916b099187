import type { Diagnostic } from "@codemirror/lint";
import { t } from "@lingui/core/macro";
import { isApiError, type ApiError } from "@/lib/api/errors";
import { fieldText, placeIn } from "@/lib/api/texts/error-texts";

export interface ErrorPlace {
  line: number;
  column: number;
}

/** Converts the database's position to an index into the text; its characters are code points. */
export function indexOf(text: string, position: number): number {
  return [...text].slice(0, Math.max(0, position - 1)).join("").length;
}

/** Returns the position of an error in the text of a query, as the database or the server tells it; 0 if unknown. */
export function positionOf(error: unknown): number {
  if (!isApiError(error)) return 0;
  const refused = error.code === "INVALID_REQUEST" && error.message.startsWith("options.sql: ");
  return error.source.position ?? (refused ? (placeIn(error.message) ?? 0) : 0);
}

/** Returns the place of a position in a text, as an editor shows it; null outside of the text. */
function placeAt(position: number, text: string): ErrorPlace | null {
  if (position < 1 || position > text.length + 1) return null;
  const before = text.slice(0, indexOf(text, position)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Returns an error of the text of a query with its place: characters are not counted by people. */
export function withPlace(message: string, text: string): string {
  const place = placeAt(placeIn(message) ?? 0, text);
  const what = fieldText(message);
  return place ? t`${what} (line ${place.line}, column ${place.column})` : what;
}

/** Returns where in the text the database found the error, as an editor shows it. */
export function errorPlaceOf(error: unknown, text: string): ErrorPlace | null {
  return placeAt(positionOf(error), text);
}

/** Returns what a datasource says as it is, and what the server says about the query for people. */
export const plainText = (error: ApiError): string =>
  error.code === "DATASOURCE_ERROR" ? error.message : error.text;

/** Marks the word at the error's position while the text is still the one that ran. */
export function diagnosticsOf(error: unknown, ranText: string, text: string): Diagnostic[] {
  if (!isApiError(error) || ranText !== text || !errorPlaceOf(error, text)) return [];
  const from = Math.min(indexOf(text, positionOf(error)), text.length);
  const word = /^[\w$."]+/.exec(text.slice(from))?.[0].length ?? 1;
  return [
    {
      from,
      to: Math.min(from + Math.max(word, 1), text.length),
      severity: "error",
      message: plainText(error),
    },
  ];
}

/** Marks the line where a script failed; `at` is the script's path in the query, such as "transformer". */
export function scriptDiagnostics(error: unknown, at: string, text: string): Diagnostic[] {
  const problem = isApiError(error) ? error.details.find(({ path }) => path === at) : undefined;
  const place = problem && /\(line (\d+)(?:, column (\d+))?\)/.exec(problem.message);
  if (!problem || !place) return [];
  const lines = text.split("\n");
  const line = Math.min(Number(place[1]), lines.length);
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const end = start + (lines[line - 1]?.length ?? 0);
  const from = Math.min(start + Math.max(0, Number(place[2] ?? 1) - 1), end);
  return [{ from, to: Math.max(end, from), severity: "error", message: problem.message }];
}
