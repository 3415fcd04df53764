// Which of several SAEs no other beats: few active latents (low x) and a high score (high y).

export type FrontPoint = { x: number; y: number };

/** Indices of the points on the front, by ascending x. A point is beaten by one that is at least as good on
 *  both axes and better on one; equal points are all kept. NaN is never on the front. */
export function paretoFront(points: readonly FrontPoint[]): number[] {
  const isBeaten = (p: FrontPoint) =>
    points.some((q) => q.x <= p.x && q.y >= p.y && (q.x < p.x || q.y > p.y));
  return points
    .map((_, i) => i)
    .filter((i) => {
      const p = points[i]!;
      return Number.isFinite(p.x) && Number.isFinite(p.y) && !isBeaten(p);
    })
    .sort((a, b) => points[a]!.x - points[b]!.x);
}
