// Exponential moving averages of a run's parameters, exported instead of the last ones if `emaDecay` β is
// set: a_t = β·a_{t−1} + (1 − β)·p_t from a_0 = 0, read as a_t / (1 − β^t). So the random initial weights
// have no share, as with Adam's moments. Running values (BatchTopK's θ) are averages already and are
// exported unchanged; silence is counted on the weights in training.
import type { ExtraName } from '../sae/stateShape';

export type AveragedName = 'W_enc' | 'W_dec' | 'b_enc' | 'b_dec' | ExtraName;
/** Each shaped as its parameter in TrainerState, before the division; empty where averaging is off. */
export type WeightAverages = Partial<Record<AveragedName, Float32Array>>;

/** 1 − β in the kernel's precision. */
export function averageRate(emaDecay: number): number {
  return Math.fround(1 - emaDecay);
}

/** 1 − β^steps: the divisor of averages over that many steps. */
export function averageWeight(emaDecay: number, steps: number): number {
  return 1 - (1 - averageRate(emaDecay)) ** steps;
}
