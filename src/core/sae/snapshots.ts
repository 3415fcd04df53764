// Which steps of a training run are kept as snapshots, and what they show about one latent: its birth, its
// drift and its death. Pure; the engine stores snapshots.
import { cosine } from '../numeric/vectors';
import { decoderRow, encoderColumn } from './latentWeights';
import type { SaeParams } from './sae';

/** Powers of two up to here, then every 5 % of the run (interface.md 2.2). */
const LAST_POWER = 1024;
const SHARES = 20;

/** Steps at which a run of `totalSteps` is saved, ascending: 0, powers of two to 1024, every 5 % from there
 *  on, and the end. */
export function snapshotSteps(totalSteps: number): number[] {
  const steps = new Set([0, totalSteps]);
  for (let step = 1; step <= Math.min(LAST_POWER, totalSteps); step *= 2) steps.add(step);
  for (let share = 1; share < SHARES; share++) {
    const step = Math.round((share * totalSteps) / SHARES);
    if (step > LAST_POWER) steps.add(step);
  }
  return [...steps].sort((a, b) => a - b);
}

export type SnapshotSize = { step: number; byteLength: number; isStarred: boolean };

/** Steps to drop so that the rest fits `budgetBytes`: repeatedly the one whose neighbours are closest
 *  together in log(step + 1). The first, the last and starred ones are kept, even over budget. `snapshots`
 *  ascend by step. */
export function thinSnapshots(snapshots: readonly SnapshotSize[], budgetBytes: number): number[] {
  const kept = [...snapshots];
  const dropped: number[] = [];
  let bytes = kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
  while (bytes > budgetBytes) {
    let closest = -1;
    let smallestGap = Infinity;
    for (let i = 1; i < kept.length - 1; i++) {
      const gap = Math.log((kept[i + 1]!.step + 1) / (kept[i - 1]!.step + 1));
      if (kept[i]!.isStarred || gap >= smallestGap) continue;
      closest = i;
      smallestGap = gap;
    }
    const [gone] = closest === -1 ? [] : kept.splice(closest, 1);
    if (gone === undefined) break;
    dropped.push(gone.step);
    bytes -= gone.byteLength;
  }
  return dropped;
}

/** The SAE at one step of its training. */
export type Snapshot = {
  step: number;
  /** folded, like the finished SAE */
  params: SaeParams;
  /** [d_sae] */
  tokensSinceFired: Uint32Array;
};

/** One latent at one step. */
export type LatentMoment = {
  step: number;
  /** cosine of its decoder row with that of the last snapshot */
  decoderCosine: number;
  /** cosine of its encoder column with that of the last snapshot */
  encoderCosine: number;
  b_enc: number;
  tokensSinceFired: number;
  /** tokensSinceFired ≥ deadAfterTokens */
  isDead: boolean;
};

/** One latent's values in one snapshot. */
export type LatentRows = {
  step: number;
  /** [d_in] each: its column of W_enc, its row of W_dec */
  encoder: Float32Array;
  decoder: Float32Array;
  b_enc: number;
  tokensSinceFired: number;
};

export function latentRowsOf(snapshot: Snapshot, latentIndex: number): LatentRows {
  const { step, params, tokensSinceFired } = snapshot;
  return {
    step,
    encoder: encoderColumn(params, latentIndex),
    decoder: decoderRow(params, latentIndex),
    b_enc: params.b_enc[latentIndex]!,
    tokensSinceFired: tokensSinceFired[latentIndex]!,
  };
}

/** `last`: the rows to compare with. Never throws; a zero row has cosine 0. */
export function latentMoment(
  rows: LatentRows,
  last: LatentRows,
  deadAfterTokens: number,
): LatentMoment {
  const { step, b_enc, tokensSinceFired } = rows;
  return {
    step,
    decoderCosine: cosine(rows.decoder, last.decoder),
    encoderCosine: cosine(rows.encoder, last.encoder),
    b_enc,
    tokensSinceFired,
    isDead: tokensSinceFired >= deadAfterTokens,
  };
}
