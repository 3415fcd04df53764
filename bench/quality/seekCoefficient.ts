// Finds the coefficient at which a run reaches a wanted L0: secant steps in logarithms. Knows nothing of what
// is trained.

export type SearchPoint = { coefficient: number; l0: number; explainedVariance: number };

const MOST_RUNS = 4;
/** |ln(L0 / wanted)| that is near enough. */
const NEAR = 0.02;

/** The points tried, nearest to the wanted L0 first. `exponent` is a guess at d ln L0 / d ln coefficient. */
export async function seekCoefficient(
  { start, exponent }: { start: number; exponent: number },
  wanted: number,
  run: (coefficient: number) => Promise<{ l0: number; explainedVariance: number }>,
): Promise<SearchPoint[]> {
  const points: SearchPoint[] = [];
  const miss = ({ l0 }: SearchPoint) => Math.log(l0 / wanted);
  let coefficient = start;
  let slope = exponent;
  while (points.length < MOST_RUNS) {
    const { l0, explainedVariance } = await run(coefficient);
    const point = { coefficient, l0, explainedVariance };
    const before = points.at(-1);
    points.push(point);
    if (points.length > 1 && points.some((tried) => Math.abs(miss(tried)) < NEAR)) break;
    if (before !== undefined) {
      const measured = (miss(point) - miss(before)) / Math.log(coefficient / before.coefficient);
      // Of the guess's sign, within a factor of four of it: one odd run must not throw the search away.
      if (measured / exponent > 0.25 && measured / exponent < 4) slope = measured;
    }
    // A point on the far side of a hit gives the slope that the comparison needs.
    const step = Math.abs(miss(point)) < NEAR ? Math.sign(miss(point) || 1) * 0.15 : miss(point);
    coefficient *= Math.exp(-step / slope);
  }
  return points.sort((p, q) => Math.abs(miss(p)) - Math.abs(miss(q)));
}
