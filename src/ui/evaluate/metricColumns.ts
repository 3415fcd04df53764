// The columns of the results table: name, meaning, which way is better, and how a number is written. Pure.
import type { SaeEvaluation, SaeMetrics } from '../../core/evaluate/evaluation';
import { meaningOf } from '../parts/text/glossary';
import { measure, percent } from '../parts/text/numberText';

/** Which way a number is better, other things being equal; null: neither. */
export type Better = 'up' | 'down' | null;

export type MetricColumn = {
  title: string;
  /** with its formula */
  meaning: string;
  better: Better;
  of: (evaluation: SaeEvaluation) => number | null;
  write: (value: number | null) => string;
};

const column = (
  title: string,
  better: Better,
  meaning: string,
  of: (metrics: SaeMetrics) => number | null,
  write: MetricColumn['write'] = measure,
): MetricColumn => ({ title, better, meaning, of: ({ metrics }) => of(metrics), write });

const BETTER_WORDS = { up: 'More is better.', down: 'Less is better.' } as const;

export function betterText(better: Better): string {
  return better === null ? '' : BETTER_WORDS[better];
}

/** What one looks at first: how much it explains, with how little, what that does to the model, and what is wasted. */
export const FIRST_COLUMNS: readonly MetricColumn[] = [
  column('Explained variance', 'up', meaningOf('Explained variance'), (m) => m.explainedVariance),
  column('L0', 'down', meaningOf('L0'), (m) => m.l0),
  column('CE recovered', 'up', meaningOf('CE recovered'), (m) => m.ceLossRecovered, percent),
  column(
    'Dead',
    'down',
    'Features that fired on none of these tokens, as a share of all.',
    (m) => m.deadFractionEval,
    percent,
  ),
];

/** Only where transcoders of several blocks were measured at once. */
export const TOGETHER_COLUMN: MetricColumn = {
  title: 'CE recovered, all at once',
  better: 'up',
  meaning:
    'The same with the transcoders of all blocks in their MLPs’ places at once, each reading what the others have changed: the model that an attribution graph explains. Evaluate them in one go, one for each block, to get it.',
  of: ({ together }) => together?.metrics.ceLossRecovered ?? null,
  write: percent,
};

/** On request (interface.md 2.5). */
export const FURTHER_COLUMNS: readonly MetricColumn[] = [
  column('NMSE', 'down', 'mean of ‖x − x̂‖² / ‖x‖²', (m) => m.nmse),
  column('Cosine', 'up', 'mean cosine of x and x̂', (m) => m.cosine),
  column('‖x̂‖/‖x‖', null, 'mean ratio of lengths; 1 is best', (m) => m.l2Ratio),
  column(
    'Dense > 1 %',
    'down',
    'features that fire on more than 1 % of tokens, as a share of all',
    (m) => m.denseOver1Percent,
    percent,
  ),
  column('CE clean', null, 'cross-entropy of the untouched model, nats a token', (m) => m.ceClean),
  column('CE SAE', 'down', 'the same with x̂ in the place of x', (m) => m.ceWithSae),
  column('CE zero', null, 'the same with 0 in the place of x', (m) => m.ceAblated),
  column('ΔCE', 'down', 'CE SAE − CE clean', (m) => m.ceIncrease),
  column(
    'KL',
    'down',
    'KL of the predictions with the SAE from the clean ones, nats a token',
    (m) => m.klWithSae,
  ),
];

/** Shown in the details only. */
export const DETAIL_COLUMNS: readonly MetricColumn[] = [
  column('L0 ±', null, 'standard deviation of L0 over tokens', (m) => m.l0Std),
  column('L1', null, 'mean sum of activations', (m) => m.l1),
  column('MSE', 'down', 'mean Σ (x − x̂)², sum over the width', (m) => m.mse),
  column('FVU', 'down', 'fraction of variance unexplained', (m) => m.fvu),
  column(
    'EV (legacy)',
    'up',
    'SAELens explained_variance_legacy: per token, then averaged',
    (m) => m.explainedVarianceLegacy,
  ),
  column(
    '1 − Var(e)/Var(x)',
    'up',
    'forgives a constant offset, as dictionary_learning counts',
    (m) => m.fracVarianceExplained,
  ),
  column(
    'Relative bias',
    null,
    'mean ‖x̂‖² / mean x·x̂; 1 is unbiased',
    (m) => m.relativeReconstructionBias,
  ),
  column(
    'Dense > 10 %',
    'down',
    'features that fire on more than 10 % of tokens',
    (m) => m.denseOver10Percent,
    percent,
  ),
  column(
    'Encoder–decoder cosine',
    null,
    'mean cosine of a feature’s two directions',
    (m) => m.encoderDecoderCosine,
  ),
  column('KL zero', null, 'KL of the zeroed predictions from the clean ones', (m) => m.klAblated),
  column('KL score', 'up', '(KL zero − KL) / KL zero', (m) => m.klScore, percent),
];
