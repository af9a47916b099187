import { useSyncExternalStore } from "react";
import { now } from "@/lib/format/dates/clock";
import { formatRelative, formatTime } from "@/lib/format/format";

/** Shows a relative time; the exact time and its zone on hover. */
export function Time({ value, absolute = false }: { value: string | null | undefined; absolute?: boolean }) {
  const present = useSyncExternalStore(everyQuarterMinute, seconds) * 1000;
  if (!value) return <span>–</span>;
  const label = `${formatTime(value)} · ${formatTime(value, "UTC")}`;
  return (
    <time dateTime={value} title={label} className="tabular" style={{ whiteSpace: "nowrap" }}>
      {absolute ? formatTime(value) : formatRelative(value, present)}
    </time>
  );
}

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
