// Whether the server answers. Nobody asks while it does; once a request has failed, `/healthz` is asked until it is back.
import { at } from "./base";

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

let reachable = true;
let checking: Promise<void> | null = null;
let wake: (() => void) | null = null;
const listeners = new Set<() => void>();

function tell(next: boolean) {
  if (reachable === next) return;
  reachable = next;
  for (const listener of listeners) listener();
}

async function answers(): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(at("/healthz"), { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** A pause that `connection.check` cuts short. */
const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

async function untilBack() {
  for (let wait = FIRST_MS; !(await answers()); wait = Math.min(wait * 2, LONGEST_MS)) {
    tell(false);
    await pause(wait);
  }
  tell(true);
}

export const connection = {
  /** Asks the server for a sign of life. */
  answers,
  isReachable: (): boolean => reachable,

  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },

  /** Called when a request got no answer: finds out whether that was the request or the connection. */
  suspect() {
    checking ??= untilBack().finally(() => {
      checking = null;
    });
  },

  /** Looks now instead of when the pause is over. */
  check() {
    wake?.();
  },

  /** Follows what the browser knows of its network. */
  watch() {
    window.addEventListener("offline", connection.suspect);
    window.addEventListener("online", connection.check);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && connection.check());
  },
};
