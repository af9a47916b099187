import { exactNumber } from "./decimals";

/** A text without these has only numbers that doubles hold. */
const DOUBTFUL = /[\d.]{16}|[eE][+-]?\d{3}/;
/** What JSON allows as a number. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Returns where the string ends that begins at `at`. */
function afterString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text[before] === "\\") before--;
    if ((end - before) % 2) return end + 1;
  }
  return text.length;
}

/** Returns the number, in quotes if a double does not hold it. */
const quoted = (number: string): string =>
  NUMBER.test(number) && typeof exactNumber(number) !== "number" ? `"${number}"` : number;

/** Puts numbers that no double holds in quotes. */
function withExactNumbers(text: string): string {
  const parts: string[] = [];
  const next = /["\d-]/g;
  let copied = 0;
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const at = found.index;
    if (found[0] === '"') next.lastIndex = afterString(text, at);
    else {
      const number = /[\d.eE+-]+/y;
      number.lastIndex = at;
      const written = number.exec(text)?.[0] ?? found[0];
      next.lastIndex = at + written.length;
      if (!DOUBTFUL.test(written)) continue;
      parts.push(text.slice(copied, at), quoted(written));
      copied = next.lastIndex;
    }
  }
  return parts.join("") + text.slice(copied);
}

/**
 * Parses JSON and keeps every digit: a number that a double would change becomes its text, as in the server's query
 * results. Throws a SyntaxError if it is not JSON.
 */
export function parseJson(text: string): unknown {
  return JSON.parse(DOUBTFUL.test(text) ? withExactNumbers(text) : text) as unknown;
}

/** Parses the body of a response, like `parseJson`. */
export const readJson = async (response: Response): Promise<unknown> => parseJson(await response.text());
