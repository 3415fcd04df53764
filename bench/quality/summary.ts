// Means and spreads over seeds, explained variance at the common L0, and whether the two sentences
// hold. Pure.
import type { SaeArchitecture } from '../../src/core/sae/architecture';
import { TARGET_L0, type Side } from './budget';
import type { Measured } from './runs';
import type { SearchPoint } from './seekCoefficient';

const FIELDS = [
  'explainedVariance',
  'explainedVarianceAtL0',
  'l0',
  'deadFraction',
  'deadFractionEval',
  'ceLossRecovered',
  'seconds',
] as const;
type Field = (typeof FIELDS)[number];

/** Means; `spread` is max − min over the seeds. */
export type SideSummary = Record<Field, number> & {
  seeds: number;
  coefficient: number | null;
  spread: Record<Field, number>;
};

export type ArchitectureSummary = {
  ours?: SideSummary;
  peers: Partial<Record<Side, SideSummary>>;
};

export function summariseSide(
  runs: readonly Measured[],
  search: readonly SearchPoint[],
): SideSummary {
  const slope = slopeOf(search);
  const rows = runs.map(({ metrics, deadFraction, seconds }) => ({
    explainedVariance: metrics.explainedVariance,
    explainedVarianceAtL0: metrics.explainedVariance + slope * Math.log(TARGET_L0 / metrics.l0),
    l0: metrics.l0,
    deadFraction,
    deadFractionEval: metrics.deadFractionEval,
    ceLossRecovered: metrics.ceLossRecovered ?? NaN,
    seconds,
  }));
  const means: Partial<Record<Field, number>> = {};
  const spread: Partial<Record<Field, number>> = {};
  for (const field of FIELDS) {
    const values = rows.map((row) => row[field]);
    means[field] = values.reduce((sum, value) => sum + value, 0) / values.length;
    spread[field] = Math.max(...values) - Math.min(...values);
  }
  return {
    ...(means as Record<Field, number>),
    spread: spread as Record<Field, number>,
    seeds: runs.length,
    coefficient: runs[0]?.coefficient ?? null,
  };
}

/** d EV / d ln L0 between the two tried coefficients nearest to the common L0; 0 where none was sought. */
function slopeOf([nearest, next]: readonly SearchPoint[]): number {
  if (nearest === undefined || next === undefined || nearest.l0 === next.l0) return 0;
  return (nearest.explainedVariance - next.explainedVariance) / Math.log(nearest.l0 / next.l0);
}

/** Ours against the best peer: explained variance at equal L0, and dead latents. */
export function compare({ ours, peers }: ArchitectureSummary) {
  const others = Object.values(peers);
  if (ours === undefined || others.length === 0) return null;
  const best = Math.max(...others.map((peer) => peer.explainedVarianceAtL0));
  const fewestDead = Math.min(...others.map((peer) => peer.deadFraction));
  const behind = best - ours.explainedVarianceAtL0;
  return {
    behindBestPeer: behind,
    isWithin: behind <= 0.005,
    deadAboveFewest: ours.deadFraction - fewestDead,
  };
}

/** One row per side, for console.table. */
export function tableOf(summary: Partial<Record<SaeArchitecture, ArchitectureSummary>>) {
  return Object.entries(summary).flatMap(([architecture, { ours, peers }]) => {
    const sides = Object.entries(ours === undefined ? peers : { ours, ...peers });
    return sides.map(([side, row]) => ({
      architecture,
      side,
      seeds: row.seeds,
      EV: row.explainedVariance.toFixed(4),
      'EV at L0': row.explainedVarianceAtL0.toFixed(4),
      '± EV': row.spread.explainedVariance.toFixed(4),
      L0: row.l0.toFixed(2),
      dead: row.deadFraction.toFixed(4),
      'CE recovered': row.ceLossRecovered.toFixed(4),
      seconds: row.seconds.toFixed(0),
    }));
  });
}
