// Dashboards of an SAE as they are shared: what the statistics, notes and guesses say, cut to what a link or a file has
// room for.
import {
  FILE_LIMITS,
  LINK_LIMITS,
  type SharedContent,
  type SharedExample,
  type SharedFeature,
  type SharedLimits,
} from '../../core/share/sharedContent';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import { APP_VERSION } from '../appVersion';
import type { SaeFacts } from '../sae/api';
import type { Example, LatentDashboard, LatentNote } from '../statistics/api';

export function limitsOf(into: 'link' | 'file'): SharedLimits {
  return into === 'link' ? LINK_LIMITS : FILE_LIMITS;
}

export type Known = {
  note: LatentNote | undefined;
  guess: LabelGuess | undefined;
};

export function sharedContent(
  facts: SaeFacts,
  features: readonly { dashboard: LatentDashboard; known: Known }[],
  limits: SharedLimits,
): SharedContent {
  const { saeId, name, hookPoint, d_sae, architecture, k, statisticsCorpus } = facts;
  const corpus =
    statisticsCorpus === undefined || statisticsCorpus.isDemo ? null : statisticsCorpus.name;
  return {
    app: APP_VERSION,
    model: facts.modelId,
    sae: { saeId, name, hookPoint, d_sae, architecture, k, corpus },
    features: features
      .slice(0, limits.features)
      .map(({ dashboard, known }) => sharedFeature(dashboard, known, limits)),
    run: null,
  };
}

function sharedFeature(
  { row, tokensSeen, histogram, topExamples, topLogits, bottomLogits }: LatentDashboard,
  { note, guess }: Known,
  limits: SharedLimits,
): SharedFeature {
  const { latentIndex, density, fireCount, maxAct, meanAct, firesOn } = row;
  return {
    latentIndex,
    density,
    fireCount,
    maxAct,
    meanAct,
    tokensSeen,
    histogram,
    firesOn: [...firesOn],
    label: note?.label ?? '',
    note: note?.note ?? '',
    guess: guess === undefined || guess.text === null ? null : guess,
    examples: topExamples
      .slice(0, limits.examples)
      .map((example) => sharedExample(example, limits.exampleTokens)),
    topLogits,
    bottomLogits,
  };
}

/** The tokens around the peak, and the ids of those before them. */
function sharedExample({ tokens, peak, repeats, firstPosition }: Example, most: number) {
  const reach = Math.floor((most - 1) / 2);
  const start = Math.max(0, Math.min(peak - reach, tokens.length - most));
  const shown = tokens.slice(start, start + most);
  const isWhole = firstPosition === 0;
  const shared: SharedExample = {
    tokens: shown.map(({ tokenId, text, act }) => ({ tokenId, text, act })),
    peak: peak - start,
    repeats,
    lead: isWhole ? tokens.slice(0, start).map(({ tokenId }) => tokenId) : null,
  };
  return shared;
}
