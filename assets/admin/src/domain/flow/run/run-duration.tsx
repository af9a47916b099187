import { useEffect, useState } from "react";
import type { Instance } from "@/lib/api/model";
import { now as serverNow } from "@/lib/format/dates/clock";
import { formatDuration } from "@/lib/format/format";

/** Shows how long a run took, or has been running. */
export function RunDuration({ run }: { run: Pick<Instance, "startedAt" | "finishedAt"> }) {
  const [now, setNow] = useState(serverNow);
  const live = run.startedAt !== null && run.finishedAt === null;
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, [live]);
  if (!run.startedAt) return <span>–</span>;
  const end = run.finishedAt ? Date.parse(run.finishedAt) : now;
  return <span className="tabular">{formatDuration(Math.max(end - Date.parse(run.startedAt), 0))}</span>;
}
