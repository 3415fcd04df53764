// How splicing an SAE into the model changes its predictions: next-token cross-entropy and KL from
// logits (sae.md §10), in nats, f64. The logits are those after the soft cap, cropped to the vocabulary; the
// caller provides them and decides which positions count.
import { invariant, ShapeError } from '../../errors';
import { logSumExp, softmaxInto } from '../../numeric/softmax';

export type LanguageSums = {
  positions: number;
  ceClean: number;
  ceWithSae: number;
  ceAblated: number;
  klWithSae: number;
  klAblated: number;
};

export type LanguageMetrics = {
  /** positions that predict a counted token, the same in all three conditions */
  positions: number;
  /** mean next-token CE: untouched; saeIn → saeOut; saeIn → 0 */
  ceClean: number;
  ceWithSae: number;
  ceAblated: number;
  /** ceWithSae − ceClean */
  ceIncrease: number;
  /** (ceAblated − ceWithSae) / (ceAblated − ceClean); null if ablation did no harm */
  ceLossRecovered: number | null;
  /** mean KL(clean‖with SAE), KL(clean‖ablated) */
  klWithSae: number;
  klAblated: number;
  /** (klAblated − klWithSae) / klAblated; null if ablation changed nothing */
  klScore: number | null;
};

/** Logits of one batch under the three conditions, [rows, vocabSize] each. */
export type ConditionLogits = {
  clean: Float32Array;
  withSae: Float32Array;
  ablated: Float32Array;
};

export function makeLanguageSums(): LanguageSums {
  return { positions: 0, ceClean: 0, ceWithSae: 0, ceAblated: 0, klWithSae: 0, klAblated: 0 };
}

/** Adds rows in place: row rows[i] of each condition predicts targets[i]. Throws ShapeError. */
export function addLanguage(
  sums: LanguageSums,
  logits: ConditionLogits,
  o: { vocabSize: number; rows: ArrayLike<number>; targets: ArrayLike<number> },
): void {
  const { clean, withSae, ablated } = logits;
  if (withSae.length !== clean.length || ablated.length !== clean.length) {
    throw new ShapeError(
      `logits of ${clean.length}, ${withSae.length} and ${ablated.length} values: expected equal`,
    );
  }
  const shares = new Float64Array(o.vocabSize);
  for (let i = 0; i < o.rows.length; i++) {
    const from = o.rows[i]! * o.vocabSize;
    const row = (all: Float32Array) => all.subarray(from, from + o.vocabSize);
    const p = row(clean);
    const logSum = softmaxInto(p, shares);
    const target = o.targets[i]!;
    sums.positions++;
    sums.ceClean += logSum - p[target]!;
    const spliced = compare(p, shares, logSum, row(withSae));
    sums.ceWithSae += spliced.logSum - row(withSae)[target]!;
    sums.klWithSae += spliced.kl;
    const zeroed = compare(p, shares, logSum, row(ablated));
    sums.ceAblated += zeroed.logSum - row(ablated)[target]!;
    sums.klAblated += zeroed.kl;
  }
}

/** KL(p‖q) = Σ_v p_v (ln p_v − ln q_v), from logits; and q's ln Σ exp. */
function compare(p: Float32Array, shares: Float64Array, pLogSum: number, q: Float32Array) {
  const logSum = logSumExp(q);
  let apart = 0;
  for (let v = 0; v < q.length; v++) apart += shares[v]! * (p[v]! - q[v]!);
  return { logSum, kl: apart - pLogSum + logSum };
}

export function mergeLanguage(into: LanguageSums, from: LanguageSums): void {
  for (const key of Object.keys(into) as (keyof LanguageSums)[]) into[key] += from[key];
}

export function finishLanguage(sums: LanguageSums): LanguageMetrics {
  const n = sums.positions;
  invariant(n > 0, 'metrics of no position');
  const ceClean = sums.ceClean / n;
  const ceWithSae = sums.ceWithSae / n;
  const ceAblated = sums.ceAblated / n;
  const klWithSae = sums.klWithSae / n;
  const klAblated = sums.klAblated / n;
  const gap = ceAblated - ceClean;
  return {
    positions: n,
    ceClean,
    ceWithSae,
    ceAblated,
    ceIncrease: ceWithSae - ceClean,
    ceLossRecovered: gap > 0 ? (ceAblated - ceWithSae) / gap : null,
    klWithSae,
    klAblated,
    klScore: klAblated > 0 ? (klAblated - klWithSae) / klAblated : null,
  };
}
