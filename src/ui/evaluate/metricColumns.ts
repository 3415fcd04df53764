// The columns of the results table: name, meaning, and how a number is written. Pure.
import type { SaeMetrics } from '../../core/evaluate/evaluation';
import { measure, percent } from '../parts/numberText';

export type MetricColumn = {
  title: string;
  meaning: string;
  of: (metrics: SaeMetrics) => number | null;
  write: (value: number | null) => string;
};

const column = (
  title: string,
  meaning: string,
  of: MetricColumn['of'],
  write: MetricColumn['write'] = measure,
): MetricColumn => ({ title, meaning, of, write });

/** interface.md 2.5 */
export const TABLE_COLUMNS: readonly MetricColumn[] = [
  column('L0', 'features that fire on a token, on average', (m) => m.l0),
  column('EV', 'explained variance, 1 − FVU, pooled', (m) => m.explainedVariance),
  column('NMSE', 'mean ‖x − x̂‖² / ‖x‖²', (m) => m.nmse),
  column('Cosine', 'mean cosine of x and x̂', (m) => m.cosine),
  column('‖x̂‖/‖x‖', 'mean ratio of lengths', (m) => m.l2Ratio),
  column('Dead', 'features silent on all these tokens', (m) => m.deadFractionEval, percent),
  column(
    'Dense > 1 %',
    'features that fire on more than 1 % of tokens',
    (m) => m.denseOver1Percent,
    percent,
  ),
  column('CE clean', 'cross-entropy of the untouched model, nats', (m) => m.ceClean),
  column('CE SAE', 'with x̂ instead of x', (m) => m.ceWithSae),
  column('CE zero', 'with 0 instead of x', (m) => m.ceAblated),
  column('ΔCE', 'CE SAE − CE clean', (m) => m.ceIncrease),
  column(
    'CE recovered',
    '(CE zero − CE SAE) / (CE zero − CE clean)',
    (m) => m.ceLossRecovered,
    percent,
  ),
  column('KL', 'KL of the predictions with the SAE from the clean ones, nats', (m) => m.klWithSae),
];

/** Shown in the details only. */
export const DETAIL_COLUMNS: readonly MetricColumn[] = [
  column('L0 ±', 'standard deviation of L0 over tokens', (m) => m.l0Std),
  column('L1', 'mean sum of activations', (m) => m.l1),
  column('MSE', 'mean Σ (x − x̂)², sum over the width', (m) => m.mse),
  column('FVU', 'fraction of variance unexplained', (m) => m.fvu),
  column(
    'EV (legacy)',
    'SAELens explained_variance_legacy: per token, then averaged',
    (m) => m.explainedVarianceLegacy,
  ),
  column(
    '1 − Var(e)/Var(x)',
    'forgives a constant offset, as dictionary_learning counts',
    (m) => m.fracVarianceExplained,
  ),
  column(
    'Relative bias',
    'mean ‖x̂‖² / mean x·x̂; 1 is unbiased',
    (m) => m.relativeReconstructionBias,
  ),
  column(
    'Dense > 10 %',
    'features that fire on more than 10 % of tokens',
    (m) => m.denseOver10Percent,
    percent,
  ),
  column(
    'Encoder–decoder cosine',
    'mean cosine of a feature’s two directions',
    (m) => m.encoderDecoderCosine,
  ),
  column('KL zero', 'KL of the zeroed predictions from the clean ones', (m) => m.klAblated),
  column('KL score', '(KL zero − KL) / KL zero', (m) => m.klScore, percent),
];
