/**
 * Returns a function that runs jobs in the order given, each in its own task, so that the browser can paint and react
 * between them. The function returns another one that withdraws the job.
 */
export function oneByOne(): (job: () => void) => () => void {
  const jobs = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    timer = undefined;
    const [first] = jobs;
    if (first === undefined) return;
    jobs.delete(first);
    if (jobs.size > 0) timer = setTimeout(next);
    first();
  };
  return (job) => {
    // A function may be added twice.
    const own = () => job();
    jobs.add(own);
    timer ??= setTimeout(next);
    return () => void jobs.delete(own);
  };
}
