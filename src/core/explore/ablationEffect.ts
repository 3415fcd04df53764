// How switching a latent off changes each prediction: KL from the untouched model and the change of the next
// token's log-probability. Pure; it takes the logits of both runs and knows no model.
import { ShapeError } from '../errors';
import { klDivergence, logProbOf, readDistribution } from '../generate/tokenChoice';

export type TokenEffect = {
  /** KL(base‖ablated) of the prediction made at this token: T = 1, full vocabulary, nats */
  kl: number;
  /** ln p_ablated − ln p_base of the token that follows; null at the last one */
  deltaLogProb: number | null;
};

/** One effect per token. base, ablated: [T, V]; tokenIds: [T]. Throws ShapeError when they do not fit. */
export function ablationEffects(o: {
  base: Float32Array;
  ablated: Float32Array;
  tokenIds: ArrayLike<number>;
}): TokenEffect[] {
  const { base, ablated, tokenIds } = o;
  const width = base.length / tokenIds.length;
  if (ablated.length !== base.length || !Number.isInteger(width)) {
    throw new ShapeError(
      `logits of ${base.length} and ${ablated.length} values do not fit ${tokenIds.length} tokens`,
    );
  }
  return Array.from(tokenIds, (_, t) => {
    const [p, q] = [base, ablated].map((all) => all.subarray(t * width, (t + 1) * width));
    return effectOf(p!, q!, t + 1 < tokenIds.length ? tokenIds[t + 1]! : null);
  });
}

function effectOf(p: Float32Array, q: Float32Array, next: number | null): TokenEffect {
  const [base, ablated] = [readDistribution(p), readDistribution(q)];
  return {
    kl: klDivergence(base, ablated),
    deltaLogProb: next === null ? null : logProbOf(ablated, next) - logProbOf(base, next),
  };
}
