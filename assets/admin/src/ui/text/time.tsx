import { formatRelative, formatTime } from "@/lib/format/format";
import { usePresent } from "./use-present";

/** Shows a relative time; the exact time and its zone on hover. */
export function Time({ value, absolute = false }: { value: string | null | undefined; absolute?: boolean }) {
  const present = usePresent();
  if (!value) return <span>–</span>;
  const label = `${formatTime(value)} · ${formatTime(value, "UTC")}`;
  return (
    <time dateTime={value} title={label} className="tabular" style={{ whiteSpace: "nowrap" }}>
      {absolute ? formatTime(value) : formatRelative(value, present)}
    </time>
  );
}
