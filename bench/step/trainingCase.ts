// The same data, batches, first weights and rates for every side of `npm run bench -- step`. Pure: also made in a page.
import { makeRng } from '../../src/core/numeric/rng';
import {
  learningRate,
  makeSaeConfig,
  type Calibration,
  type TopKConfig,
} from '../../src/core/sae/sae';
import { initTrainerState } from '../../src/core/train/trainerState';
import { calibrate } from '../../tests/helpers/train/dictionary';

export type Shape = readonly [batchSize: number, d_in: number, d_sae: number, k: number];

export const SHAPES: Readonly<Record<string, Shape>> = {
  demo: [1024, 256, 2048, 32],
  quick: [512, 256, 1024, 32],
  S: [2048, 256, 4096, 32],
  M: [4096, 768, 16384, 32],
  D20: [4096, 1280, 20480, 64],
  tiny: [64, 16, 64, 4],
};
/** Batches of data, met round and round. */
const BATCHES = 8;

export type Case = { config: TopKConfig; calibration: Calibration; x: Float32Array };

/** Sparse combinations of random directions, and noise: what an SAE can learn something of. */
export function makeCase([batchSize, d_in, d_sae, k]: Shape, steps: number): Case {
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    ...{ d_in, d_sae, k, batchSize },
    tokens: steps * batchSize,
    seed: 1,
    contextSize: 64,
    ringRows: BATCHES * batchSize,
    // Nobody is dead within so few steps.
    auxKScale: 0,
  });
  const rng = makeRng(2);
  const directions = Float64Array.from({ length: 64 * d_in }, () => rng.normal());
  const x = new Float32Array(config.ringRows * d_in);
  for (let row = 0; row < config.ringRows; row++) {
    for (let j = 0; j < 64; j++) {
      if (rng.next() > 0.1) continue;
      const strength = rng.next();
      for (let i = 0; i < d_in; i++) x[row * d_in + i]! += strength * directions[j * d_in + i]!;
    }
    // Multiples of 1/64: exact in the ring's f16.
    for (let i = 0; i < d_in; i++) {
      const at = row * d_in + i;
      x[at] = Math.round(64 * (x[at]! + 0.1 * rng.normal())) / 64;
    }
  }
  return { config, calibration: calibrate(x, d_in), x };
}

/** What a side that is not ours needs of a case. */
export type PeerCase = {
  d_in: number;
  d_sae: number;
  k: number;
  batchSize: number;
  betas: readonly [number, number];
  eps: number;
  /** learning rate of each step */
  rates: readonly number[];
  variance: number;
  /** [ringRows, d_in] */
  x: Float32Array;
  /** [d_sae, d_in]: both matrices' first weights */
  W: Float32Array;
  b_dec: Float32Array;
};

export function peerCase({ config, calibration, x }: Case): PeerCase {
  const { W_dec, b_dec } = initTrainerState(config, calibration);
  const { d_in, d_sae, k, batchSize, adamBeta1, adamBeta2, adamEps: eps } = config;
  const steps = config.tokens / batchSize;
  return {
    ...{ d_in, d_sae, k, batchSize, eps, x, W: W_dec, b_dec },
    betas: [adamBeta1, adamBeta2],
    rates: Array.from({ length: steps }, (_, step) => learningRate(config, step)),
    variance: calibration.variance,
  };
}
