// What a link says of the forms of Train and Evaluate, and what they make of a link.
import { DURATIONS, type Duration } from '../../core/share/formShare';
import type { ShareState } from '../../core/share/shareState';
import { usualK } from '../../core/sae/usualK';
import type { AppState } from '../state';
import { FIRST_TRAIN_FORM, type TrainState } from '../train/trainState';
import { LENGTHS, lengthFields, type LengthName } from '../train/trainingPlan';

/** Left out: what the page has at first, and what is no number yet. */
export function trainShare({ train }: AppState): Partial<ShareState> {
  const { form, length } = train;
  const { hookPoint, architecture = 'topk', expansionFactor, k, seed, seeds = 1 } = form;
  const first = FIRST_TRAIN_FORM;
  const other = (value: number, usual: number) =>
    Number.isFinite(value) && value !== usual ? value : null;
  return {
    hook: hookPoint,
    architecture: architecture === 'topk' ? null : architecture,
    expansionFactor: other(expansionFactor, first.expansionFactor),
    k: other(k, usualK(expansionFactor)),
    duration: length === null || length === 'Quick' ? null : durationOf(length),
    tokens: length === null ? other(form.tokens, NaN) : null,
    batchSize: length === null ? other(form.batchSize, NaN) : null,
    init: other(seed, first.seed),
    seeds: other(seeds, 1),
    everyLayer: form.everyLayer === true,
  };
}

/** Advanced fields stay while the architecture that they are of stays: a link has none. */
export function trainFrom({ train }: AppState, share: ShareState): TrainState {
  const first = FIRST_TRAIN_FORM;
  const before = train.form.architecture ?? 'topk';
  const architecture = share.architecture ?? 'topk';
  const isTyped = share.tokens !== null || share.batchSize !== null;
  const length = isTyped ? null : lengthOf(share.duration ?? 'quick');
  const usual = lengthFields(length ?? 'Quick', null, 1);
  const isSameLength = length !== null && length === train.length;
  const { tokens, batchSize } = isSameLength ? train.form : usual;
  const expansionFactor = share.expansionFactor ?? first.expansionFactor;
  const form = {
    ...train.form,
    hookPoint: share.hook ?? train.form.hookPoint,
    ...(architecture === before ? {} : { architecture, advanced: {} }),
    expansionFactor,
    k: share.k ?? usualK(expansionFactor),
    tokens: share.tokens ?? tokens,
    batchSize: share.batchSize ?? batchSize,
    seed: share.init ?? first.seed,
    seeds: share.seeds ?? 1,
    everyLayer: share.everyLayer,
  };
  return { ...train, length, form };
}

/** sae: the one whose row is open. */
export function evaluateShare({ evaluate }: AppState): Partial<ShareState> {
  return {
    sae: evaluate.shownId,
    tokens: evaluate.tokens,
    allNumbers: evaluate.isFull,
    byLoss: evaluate.score === 'ceLossRecovered',
  };
}

export function evaluateFrom({ evaluate }: AppState, share: ShareState): AppState['evaluate'] {
  return {
    ...evaluate,
    shownId: share.sae,
    tokens: share.tokens,
    isFull: share.allNumbers,
    score: share.byLoss ? 'ceLossRecovered' : 'explainedVariance',
  };
}

// In the order of DURATIONS.
const durationOf = (name: LengthName): Duration => DURATIONS[LENGTHS.indexOf(name)] ?? 'quick';
const lengthOf = (duration: Duration): LengthName =>
  LENGTHS[DURATIONS.indexOf(duration)] ?? 'Quick';
