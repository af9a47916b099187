// Whether the server is reachable. Nothing is polled while it is; after a failed request `/healthz` is polled until it
// responds.
import { at } from "@/lib/http/base";
import { createStore } from "../store";

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

const reachable = createStore(true);
let checking: Promise<void> | null = null;
let wake: (() => void) | null = null;

async function answers(): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(at("/healthz"), { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** A pause that `connection.check` ends early. */
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
    reachable.set(false);
    await pause(wait);
  }
  reachable.set(true);
}

export const connection = {
  /** Requests the health check. */
  answers,
  isReachable: reachable.get,
  subscribe: reachable.subscribe,

  /** Called when a request got no response: finds out whether the request or the connection is to blame. */
  suspect() {
    checking ??= untilBack().finally(() => {
      checking = null;
    });
  },

  /** Checks now instead of after the pause. */
  check() {
    wake?.();
  },

  /** Follows the browser's online state. */
  watch() {
    window.addEventListener("offline", connection.suspect);
    window.addEventListener("online", connection.check);
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "visible" && connection.check(),
    );
  },
};
