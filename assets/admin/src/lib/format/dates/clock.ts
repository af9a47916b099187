// The server's clock as this browser sees it: server times are compared with it, so that a wrong local clock does not
// show recent events in the future.

/** How many ms the server's clock is ahead. */
let ahead = 0;

/** Smaller differences are within the precision of a `Date` header and the network delay. */
const NOTICED_MS = 2_000;

/** Learns from the `Date` of the response to a request sent at that time. Cached responses are ignored. */
export function learnClock(date: string | null, sentAt: number, now = Date.now()): void {
  const server = Date.parse(date ?? "");
  if (Number.isNaN(server)) return;
  // The header is truncated to the second, and was written between request and response.
  const [least, most] = [server - now, server + 1000 - sentAt];
  if (ahead >= least - NOTICED_MS && ahead <= most + NOTICED_MS) return;
  const found = (least + most) / 2;
  ahead = Math.abs(found) < NOTICED_MS ? 0 : Math.round(found);
}

/** Returns the current time by the server's clock, in ms. */
export const now = (): number => Date.now() + ahead;
