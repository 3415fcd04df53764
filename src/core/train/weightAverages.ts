// Exponential moving averages of a run's parameters, which an SAE is exported with where `emaDecay` β is set:
// a_t = β·a_{t−1} + (1 − β)·p_t from a_0 = 0, read as a_t / (1 − β^t). So the first weights, random as they
// are, have no share, as with Adam's moments. Running values (BatchTopK's θ) are averages of their own and are
// taken as they are; silence is counted on the weights that train.
import type { ExtraName } from '../sae/architecture';

export type AveragedName = 'W_enc' | 'W_dec' | 'b_enc' | 'b_dec' | ExtraName;
/** Each shaped as its parameter in TrainerState, before the division; empty where averaging is off. */
export type WeightAverages = Partial<Record<AveragedName, Float32Array>>;

/** 1 − β as the kernel holds it. */
export function averageRate(emaDecay: number): number {
  return Math.fround(1 - emaDecay);
}

/** 1 − β^steps: what the averages of that many steps are divided by. */
export function averageWeight(emaDecay: number, steps: number): number {
  return 1 - (1 - averageRate(emaDecay)) ** steps;
}
