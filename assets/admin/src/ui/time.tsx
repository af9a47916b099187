import { useSyncExternalStore } from "react";
import { formatRelative, formatTime } from "@/lib/format";

/** How long ago; the exact time and its zone on hover. */
export function Time({ value, absolute = false }: { value: string | null | undefined; absolute?: boolean }) {
  const now = useSyncExternalStore(everyQuarterMinute, seconds) * 1000;
  if (!value) return <span>–</span>;
  const label = `${formatTime(value)} · ${formatTime(value, "UTC")}`;
  return (
    <time dateTime={value} title={label} className="tabular" style={{ whiteSpace: "nowrap" }}>
      {absolute ? formatTime(value) : formatRelative(value, now)}
    </time>
  );
}

function everyQuarterMinute(changed: () => void): () => void {
  const timer = setInterval(changed, 15_000);
  return () => clearInterval(timer);
}

/** Rounded up: what has just happened is not in the future. */
const seconds = () => Math.ceil(Date.now() / 1000);
