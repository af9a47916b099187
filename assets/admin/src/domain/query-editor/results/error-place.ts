import type { Diagnostic } from "@codemirror/lint";
import { isApiError } from "@/lib/api/errors";

export interface ErrorPlace {
  line: number;
  column: number;
}

/** Converts the database's position to an index into the text; its characters are code points. */
export function indexOf(text: string, position: number): number {
  return [...text].slice(0, Math.max(0, position - 1)).join("").length;
}

/** Returns where in the text the database found the error, as an editor shows it. */
export function errorPlaceOf(error: unknown, text: string): ErrorPlace | null {
  const position = isApiError(error) ? (error.source.position ?? 0) : 0;
  if (position < 1 || position > text.length + 1) return null;
  const before = text.slice(0, indexOf(text, position)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Marks the word at the error's position while the text is still the one that ran. */
export function diagnosticsOf(error: unknown, ranText: string, text: string): Diagnostic[] {
  if (!isApiError(error) || ranText !== text || !errorPlaceOf(error, text)) return [];
  const from = Math.min(indexOf(text, error.source.position ?? 1), text.length);
  const word = /^[\w$."]+/.exec(text.slice(from))?.[0].length ?? 1;
  return [
    { from, to: Math.min(from + Math.max(word, 1), text.length), severity: "error", message: error.message },
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
