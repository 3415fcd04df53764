import { describe, expect, it } from 'vitest';
import {
  latentMoment,
  latentRowsOf,
  snapshotSteps,
  thinSnapshots,
  type Snapshot,
} from '../../../../src/core/sae/snapshots';

describe('snapshot steps', () => {
  it('are 0, powers of two to 1024, then every 5 %, and the end', () => {
    expect(snapshotSteps(10_000)).toEqual([
      0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1500, 2000, 2500, 3000, 3500, 4000, 4500,
      5000, 5500, 6000, 6500, 7000, 7500, 8000, 8500, 9000, 9500, 10_000,
    ]);
  });

  it('end with a short run', () => {
    expect(snapshotSteps(5)).toEqual([0, 1, 2, 4, 5]);
    expect(snapshotSteps(1)).toEqual([0, 1]);
  });
});

describe('thinning', () => {
  const sizes = (steps: number[], starred: number[] = []) =>
    steps.map((step) => ({ step, byteLength: 10, isStarred: starred.includes(step) }));

  it('drops nothing within the budget', () => {
    expect(thinSnapshots(sizes([0, 1, 2]), 30)).toEqual([]);
  });

  it('drops first what its neighbours tell best', () => {
    expect(thinSnapshots(sizes([0, 1, 2, 4, 500, 510, 520]), 60)).toEqual([510]);
  });

  it('never drops the first, the last or a starred one', () => {
    expect(thinSnapshots(sizes([0, 1, 2, 4], [2]), 0)).toEqual([1]);
    expect(thinSnapshots(sizes([0, 4]), 0)).toEqual([]);
  });
});

describe('a latent over time', () => {
  const at = (step: number, row: number[], tokensSinceFired: number): Snapshot => ({
    step,
    params: {
      architecture: 'topk',
      d_in: 2,
      d_sae: 2,
      k: 1,
      W_enc: Float32Array.of(9, row[0]!, 9, row[1]!),
      b_enc: Float32Array.of(0, step),
      W_dec: Float32Array.of(9, 9, ...row),
      b_dec: new Float32Array(2),
      applyBDecToInput: true,
    },
    tokensSinceFired: Uint32Array.of(0, tokensSinceFired),
  });
  const rows = (...o: Parameters<typeof at>) => latentRowsOf(at(...o), 1);
  const last = rows(4, [0, 2], 0);

  it('drifts towards its end, and may be dead on the way', () => {
    expect(latentMoment(rows(1, [3, 0], 50), last, 50)).toEqual({
      step: 1,
      decoderCosine: 0,
      encoderCosine: 0,
      b_enc: 1,
      tokensSinceFired: 50,
      isDead: true,
    });
    const later = latentMoment(rows(2, [1, 1], 49), last, 50);
    expect(later.decoderCosine).toBeCloseTo(Math.SQRT1_2, 6);
    expect(later.encoderCosine).toBeCloseTo(Math.SQRT1_2, 6);
    expect(later.isDead).toBe(false);
  });
});
