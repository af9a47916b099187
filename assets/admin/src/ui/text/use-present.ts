import { useSyncExternalStore } from "react";
import { now } from "@/lib/format/dates/clock";

const watching = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** All times on a page share one clock. */
function everyQuarterMinute(changed: () => void): () => void {
  watching.add(changed);
  timer ??= setInterval(() => watching.forEach((tell) => tell()), 15_000);
  return () => {
    watching.delete(changed);
    if (watching.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Rounded up: a recent event is not in the future. */
const seconds = () => Math.ceil(now() / 1000);

/** Returns the current time in ms, and renders the component again every quarter of a minute. */
export const usePresent = (): number => useSyncExternalStore(everyQuarterMinute, seconds) * 1000;
