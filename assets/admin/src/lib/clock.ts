// The server's clock as this browser sees it: times of the server are told by it, so that a wrong clock here does not turn what has just happened into the future.

/** By how many ms the server's clock is ahead. */
let ahead = 0;

/** Below it the difference is within what a `Date` header and the way to here leave open. */
const NOTICED_MS = 2_000;

/** Learns from the `Date` of an answer that came for a request sent then. Old answers out of a cache are not asked. */
export function learnClock(date: string | null, sentAt: number, now = Date.now()): void {
  const server = Date.parse(date ?? "");
  if (Number.isNaN(server)) return;
  // The header is cut to the second, and was written at some moment between the two.
  const [least, most] = [server - now, server + 1000 - sentAt];
  if (ahead >= least - NOTICED_MS && ahead <= most + NOTICED_MS) return;
  const found = (least + most) / 2;
  ahead = Math.abs(found) < NOTICED_MS ? 0 : Math.round(found);
}

/** The present moment by the server's clock, in ms. */
export const now = (): number => Date.now() + ahead;
