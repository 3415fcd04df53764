// Picks the fastest of several ways to compute the same, within a bounded time; one that computes something else
// never wins. Knows neither kernels nor devices; the clock is the caller's.

export type Candidate = {
  name: string;
  /** Makes it ready; whether its results are the reference's. One that throws is passed over. */
  isRight: () => Promise<boolean>;
  /** Does its work `repeats` times and resolves when all is done. */
  run: (repeats: number) => Promise<void>;
};

export type Picked = {
  name: string;
  /** milliseconds of one run, of those that were measured */
  ms: Readonly<Record<string, number>>;
};

/** A submit so long that its own cost and the clock's steps do not count, ms. */
const LEAST_MS = 20;
const MOST_REPEATS = 64;
const TRIES = 3;
/** What is faster by less may be so by chance. */
const GAIN = 0.97;

/** The first candidate is what one would take without measuring: it wins unless another is clearly faster. No
 *  candidate begins later than `worth` allows, which is told what one run of the first took, ms; null: none is right. */
export async function pickFastest(
  candidates: readonly Candidate[],
  { now, worth }: { now: () => number; worth: (firstMs: number) => number },
): Promise<Picked | null> {
  const began = now();
  const ms: Record<string, number> = {};
  let best: string | null = null;
  let until = Infinity;
  for (const candidate of candidates) {
    if (now() >= until) break;
    const taken = await measure(candidate, now);
    if (taken === null) continue;
    ms[candidate.name] = taken;
    if (best === null) until = began + worth(taken);
    if (best === null || taken < GAIN * ms[best]!) best = candidate.name;
  }
  return best === null ? null : { name: best, ms };
}

/** The least of a few tries; null: wrong, or refused by the device. */
async function measure({ isRight, run }: Candidate, now: () => number): Promise<number | null> {
  const timed = async (repeats: number) => {
    const began = now();
    await run(repeats);
    return (now() - began) / repeats;
  };
  try {
    if (!(await isRight())) return null;
    const once = await timed(1);
    const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(LEAST_MS / Math.max(once, 1e-3))));
    let least = Infinity;
    for (let i = 0; i < TRIES; i++) least = Math.min(least, await timed(repeats));
    return least;
  } catch {
    return null;
  }
}
