// A seeded run whose rows are sparse combinations of a few directions, for tests of whole training steps.
import { makeRng } from '../../../src/core/numeric/rng';
import type { SaeConfig } from '../../../src/core/sae/sae';
import { initTrainerState, type TrainerState } from '../../../src/core/train/trainerState';
import { calibrate } from './dictionary';
import type { RingRun } from './trainRing';

/** ringRows rows as multiples of 1/64: exact in the f16 ring. */
export function ringRunOf<C extends SaeConfig>(config: C): RingRun<C> {
  const { d_in, ringRows } = config;
  const rng = makeRng(91);
  const directions = Float64Array.from({ length: 12 * d_in }, () => rng.normal());
  const offset = Float64Array.from({ length: d_in }, () => rng.normal());
  const x = new Float32Array(ringRows * d_in);
  for (let row = 0; row < ringRows; row++) {
    const strengths = Array.from({ length: 12 }, () => (rng.next() < 0.25 ? rng.next() : 0));
    for (let i = 0; i < d_in; i++) {
      const sum = strengths.reduce((s, a, j) => s + a * directions[j * d_in + i]!, offset[i]!);
      x[row * d_in + i] = Math.round(64 * (sum + 0.1 * rng.normal())) / 64;
    }
  }
  if (config.architecture !== 'transcoder') return { config, calibration: calibrate(x, d_in), x };
  const y = targetsOf(x, d_in);
  return { config, calibration: { ...calibrate(y, d_in), outputScale: 1 }, x, y };
}

/** Some other function of each row, exact in f16 too. */
function targetsOf(x: Float32Array, d_in: number): Float32Array {
  return x.map((value, at) => {
    const neighbour = x[at % d_in === d_in - 1 ? at + 1 - d_in : at + 1]!;
    return Math.round(64 * (Math.max(0, value) - neighbour / 2 + 0.25)) / 64;
  });
}

/** `latents` of them dead from the start, so that AuxK works in step 0. */
export function startState({ config, calibration }: RingRun, deadLatents: number): TrainerState {
  const state = initTrainerState(config, calibration);
  for (let i = 0; i < deadLatents; i++) {
    state.tokensSinceFired[(i * 7) % config.d_sae] = config.deadAfterTokens;
  }
  return state;
}
