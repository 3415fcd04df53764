// Resampling of dead latents (sae.md §2; Towards Monosemanticity, 2023): inputs that the SAE reconstructs
// badly become the new directions of latents that no longer fire. Pure and deterministic in its arguments.
import type { ExtraName } from '../sae/stateShape';
import type { Rng } from '../numeric/rng';
import { norm } from '../numeric/vectors';
import type { AdamMoments, TrainerState } from './trainerState';
import { averageWeight, type AveragedName } from './weightAverages';

/** Norm of a new encoder row relative to the mean norm of live ones: it fires, but weakly. */
const ENCODER_SHARE = 0.2;

/** Indices of `count` inputs without replacement, p_j ∝ losses_j²; fewer if fewer have a loss above 0.
 *  Taking the largest log(u_j) / losses_j² makes such a draw (Efraimidis, Spirakis 2006); ties to the
 *  lower index.
 *  @param losses L_j = ‖e_j‖² */
export function drawBadlyRebuilt(losses: Float64Array, count: number, rng: Rng): Uint32Array {
  const keys = losses.map((loss) => {
    const drawn = Math.log(rng.next());
    return loss > 0 ? drawn / (loss * loss) : -Infinity;
  });
  const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[b]! - keys[a]! || a - b);
  const possible = keys.reduce((sum, key) => sum + (key > -Infinity ? 1 : 0), 0);
  return order.slice(0, Math.min(count, possible));
}

/** The state with each dead latent i turned to its input v_i: W_dec[i] = v/‖v‖, W_enc[i] = 0.2·ā·v/‖v‖
 *  with ā the mean norm of live encoder rows (of all rows if none is live), biases and gates 0, Adam's
 *  moments of all of these 0, its count of silent tokens reset. A zero input leaves its latent
 *  unchanged. If the run averages its weights, the averages of these rows restart at their new values.
 *  @param dead latents, ascending; those beyond the number of inputs are unchanged
 *  @param inputs xc of the drawn rows, [≤ dead.length, d_in] */
export function resampleLatents(
  state: TrainerState,
  dead: Uint32Array,
  inputs: Float32Array,
  emaDecay = 0,
): TrainerState {
  const next = structuredClone(state);
  const d_in = state.b_dec.length;
  const encoderNorm = ENCODER_SHARE * meanLivingNorm(state, dead);
  const vectors = Object.keys(next.extra) as ExtraName[];
  for (let n = 0; n < Math.min(dead.length, inputs.length / d_in); n++) {
    const latent = dead[n]!;
    const input = inputs.subarray(n * d_in, (n + 1) * d_in);
    const length = norm(input);
    if (length === 0) continue;
    for (let i = 0; i < d_in; i++) {
      next.W_dec[latent * d_in + i] = input[i]! / length;
      next.W_enc[latent * d_in + i] = (encoderNorm * input[i]!) / length;
    }
    forget(next.adam.W_dec, latent * d_in, d_in);
    forget(next.adam.W_enc, latent * d_in, d_in);
    next.b_enc[latent] = 0;
    forget(next.adam.b_enc, latent, 1);
    for (const name of vectors) {
      next.extra[name]!.values[latent] = 0;
      forget(next.extra[name]!, latent, 1);
    }
    next.tokensSinceFired[latent] = 0;
    restartAverages(next, latent, averageWeight(emaDecay, state.step));
  }
  return next;
}

/** Sets averages so that average / weight equals the row. */
function restartAverages(next: TrainerState, latent: number, weight: number): void {
  const d_in = next.b_dec.length;
  for (const [name, average] of Object.entries(next.averages) as [AveragedName, Float32Array][]) {
    if (name === 'b_dec') continue;
    const isMatrix = name === 'W_enc' || name === 'W_dec';
    const values = isMatrix || name === 'b_enc' ? next[name] : next.extra[name]!.values;
    const length = isMatrix ? d_in : 1;
    for (let index = latent * length; index < (latent + 1) * length; index++) {
      average[index] = weight * values[index]!;
    }
  }
}

function forget({ m, v }: AdamMoments, first: number, length: number): void {
  m.fill(0, first, first + length);
  v.fill(0, first, first + length);
}

function meanLivingNorm({ W_enc, b_dec, b_enc }: TrainerState, dead: Uint32Array): number {
  const d_in = b_dec.length;
  const d_sae = b_enc.length;
  const gone = new Set(dead.length === d_sae ? [] : dead);
  let sum = 0;
  for (let latent = 0; latent < d_sae; latent++) {
    if (gone.has(latent)) continue;
    sum += norm(W_enc.subarray(latent * d_in, (latent + 1) * d_in));
  }
  return sum / (d_sae - gone.size);
}
