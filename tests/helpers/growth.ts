// How the work of a function grows with its input: a ratio of processor times, the same on a fast machine and on a slow
// one, idle or busy.

/** Processor time of `run(4 · size)` over that of `run(size)`: about 4 for linear work, 16 for quadratic. Choose a
 *  size that takes some milliseconds. */
export function growthByFour(run: (size: number) => void, size: number): number {
  run(size); // compiles what it runs
  const small = processorTime(() => run(size));
  return processorTime(() => run(4 * size)) / small;
}

/** Microseconds; the least of three, since a garbage collection may fall into one. */
function processorTime(work: () => void): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...times));
}
