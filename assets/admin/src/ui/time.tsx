import { useEffect, useState } from "react";
import { formatRelative, formatTime } from "@/lib/format";

/** How long ago; the exact time and its zone on hover. */
export function Time({ value, absolute = false }: { value: string | null | undefined; absolute?: boolean }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (!value) return <span>–</span>;
  const label = `${formatTime(value)} · ${formatTime(value, "UTC")}`;
  return (
    <time dateTime={value} title={label} className="tabular" style={{ whiteSpace: "nowrap" }}>
      {absolute ? formatTime(value) : formatRelative(value, now)}
    </time>
  );
}
