/** How a message of the server is recognized, and what it is for people. */
export type MessageText = readonly [pattern: RegExp, text: (...found: string[]) => string];

/** Returns the text of the first pattern that a message matches, or null. */
export function textOfMessage(all: readonly MessageText[], message: string): string | null {
  for (const [pattern, text] of all) {
    const match = pattern.exec(message);
    if (match) return text(...match.slice(1));
  }
  return null;
}
