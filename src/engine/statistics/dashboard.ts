// Turns statistics into what the page shows: rows of the latent table and one latent's dashboard.
import {
  activationIntervals,
  activationQuantiles,
  type ActivationGroup,
} from '../../core/statistics/activationGroups';
import {
  kurtosisGivenFiring,
  momentsOverTokens,
  type PowerSums,
} from '../../core/statistics/activationMoments';
import { PARTNERS } from '../../core/statistics/coActivation';
import {
  FIRST_INTERVAL_GROUP,
  FIRST_QUANTILE_GROUP,
  RANDOM_GROUP,
  TOP_GROUP,
} from '../../core/statistics/exampleChoice';
import { examplesOfLatent, type ExampleTokenIds } from '../../core/statistics/latentExamples';
import { contextLines } from '../../core/statistics/contextLines';
import { firingWords } from '../../core/statistics/firingWords';
import { HISTOGRAM_BINS } from '../../core/statistics/latentStatistics';
import {
  NEIGHBOURS,
  RANKED_LOGITS,
  type SaeStatistics,
  type StatisticsDetails,
} from '../../core/statistics/saeStatistics';
import type { LogitToken } from '../sae/api';
import type {
  Example,
  ExampleToken,
  LatentCard,
  LatentDashboard,
  LatentDetails,
  LatentRow,
} from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';

/** A latent that fires on more tokens than this is called dense (interface.md 2.3). */
const ALWAYS_ON_DENSITY = 0.1;

export function latentRows(s: SaeStatistics): LatentRow[] {
  return Array.from({ length: s.d_sae }, (_, latentIndex) => latentRow(s, latentIndex));
}

function latentRow(s: SaeStatistics, latentIndex: number): LatentRow {
  const fireCount = s.fireCount[latentIndex] ?? 0;
  const density = fireCount / s.countedTokens;
  const best = s.details?.neighbours;
  const hasNeighbour = (best?.cosines[latentIndex * NEIGHBOURS] ?? 0) > 0;
  return {
    latentIndex,
    fireCount,
    density,
    isAlwaysOn: density > ALWAYS_ON_DENSITY,
    kurtosis:
      s.details === null
        ? null
        : kurtosisGivenFiring(fireCount, powerSumsOf(s, s.details, latentIndex)),
    neighbourCosine: hasNeighbour ? (best?.cosines[latentIndex * NEIGHBOURS] ?? null) : null,
    neighbourIndex: hasNeighbour ? (best?.indices[latentIndex * NEIGHBOURS] ?? null) : null,
    maxAct: s.maxAct[latentIndex] ?? 0,
    meanAct: fireCount === 0 ? 0 : (s.actSum[latentIndex] ?? 0) / fireCount,
    firesOn: firesOnOf(s, latentIndex),
    topToken: topTokenOf(s, latentIndex),
  };
}

function powerSumsOf(s: SaeStatistics, { powerSums }: StatisticsDetails, i: number): PowerSums {
  return {
    sum: s.actSum[i] ?? 0,
    sum2: powerSums.actSum2[i] ?? 0,
    sum3: powerSums.actSum3[i] ?? 0,
    sum4: powerSums.actSum4[i] ?? 0,
  };
}

/** The words on which a latent fires most. */
export function firesOnOf(s: SaeStatistics, latentIndex: number): string[] {
  return firingWords(s.examples, latentIndex, (tokenId) => textOf(s, tokenId));
}

function topTokenOf(s: SaeStatistics, latentIndex: number): string | null {
  const topId = s.logits.topIds[latentIndex * RANKED_LOGITS];
  return topId === undefined ? null : textOf(s, topId);
}

/** Throws ConfigError for an index outside the dictionary. */
export function latentDashboard(
  s: SaeStatistics,
  latentIndex: number,
  isSpecial: (text: string) => boolean,
): LatentDashboard {
  checkLatentIndex(latentIndex, s.d_sae);
  const firstBin = latentIndex * HISTOGRAM_BINS;
  const histogram = {
    binWidth: (s.range[latentIndex] ?? 0) / HISTOGRAM_BINS,
    counts: Array.from(s.histogram.subarray(firstBin, firstBin + HISTOGRAM_BINS)),
  };
  const groups = examplesByGroup(s, latentIndex, isSpecial);
  return {
    row: latentRow(s, latentIndex),
    tokensSeen: s.countedTokens,
    histogram,
    topExamples: groups.get(TOP_GROUP) ?? [],
    details: s.details && detailsOf(s, s.details, latentIndex, groups, histogram),
    topLogits: rankedLogits(s, latentIndex, s.logits.topIds, s.logits.topValues),
    bottomLogits: rankedLogits(s, latentIndex, s.logits.bottomIds, s.logits.bottomValues),
  };
}

/** Lines of text on a card, and bars of its histogram. */
const CARD_LINES = 4;
const CARD_BARS = 24;

/** Throws ConfigError for an index outside the dictionary. */
export function latentCard(
  s: SaeStatistics,
  latentIndex: number,
  isSpecial: (text: string) => boolean,
): LatentCard {
  checkLatentIndex(latentIndex, s.d_sae);
  const row = latentRow(s, latentIndex);
  const top = examplesByGroup(s, latentIndex, isSpecial).get(TOP_GROUP) ?? [];
  return {
    row,
    tokensSeen: s.countedTokens,
    histogram: row.fireCount === 0 ? [] : cardBars(s, latentIndex, row.maxAct),
    lines: contextLines(top, CARD_LINES),
  };
}

/** The stored bins, each given to the bar in which its middle lies. */
function cardBars(s: SaeStatistics, latentIndex: number, maxAct: number): number[] {
  const bars = new Array<number>(CARD_BARS).fill(0);
  const firstBin = latentIndex * HISTOGRAM_BINS;
  const binWidth = (s.range[latentIndex] ?? 0) / HISTOGRAM_BINS;
  for (let bin = 0; bin < HISTOGRAM_BINS; bin++) {
    const count = s.histogram[firstBin + bin] ?? 0;
    const bar = Math.floor((CARD_BARS * (bin + 0.5) * binWidth) / maxAct);
    if (count > 0)
      bars[Math.min(CARD_BARS - 1, bar)] = (bars[Math.min(CARD_BARS - 1, bar)] ?? 0) + count;
  }
  return bars;
}

function detailsOf(
  s: SaeStatistics,
  details: StatisticsDetails,
  latentIndex: number,
  groups: ReadonlyMap<number, Example[]>,
  histogram: LatentDashboard['histogram'],
): LatentDetails {
  const bins = { ...histogram, maxAct: s.maxAct[latentIndex] ?? 0 };
  const withExamples = (ranges: ActivationGroup[], first: number) =>
    ranges.map((range, i) => ({ ...range, examples: groups.get(first + i) ?? [] }));
  const { neighbours, partners } = details;
  return {
    excludedTokens: details.excludedTokens,
    moments: momentsOverTokens(s.countedTokens, powerSumsOf(s, details, latentIndex)),
    randomExamples: groups.get(RANDOM_GROUP) ?? [],
    intervals: withExamples(activationIntervals(bins), FIRST_INTERVAL_GROUP),
    quantiles: withExamples(activationQuantiles(bins), FIRST_QUANTILE_GROUP),
    neighbours: listed(neighbours.indices, latentIndex, NEIGHBOURS).flatMap(([other, at]) => {
      const cosine = neighbours.cosines[at] ?? 0;
      return cosine > 0 ? [{ latentIndex: other, firesOn: firesOnOf(s, other), cosine }] : [];
    }),
    partners: listed(partners.indices, latentIndex, PARTNERS).flatMap(([other, at]) => {
      const phi = partners.phi[at] ?? 0;
      if (phi === 0) return [];
      const together = partners.together[at] ?? 0;
      return [
        {
          latentIndex: other,
          firesOn: firesOnOf(s, other),
          phi,
          together: together === 0 ? null : together,
          conditional: partners.conditional[at] ?? 0,
        },
      ];
    }),
    partnerTokens: partners.tokens,
  };
}

/** The latents that one latent's list names, with their places in the list of all. */
function listed(indices: Uint32Array, latentIndex: number, length: number): [number, number][] {
  const from = latentIndex * length;
  return Array.from(indices.subarray(from, from + length), (other, i) => [other, from + i]);
}

function examplesByGroup(
  s: SaeStatistics,
  latentIndex: number,
  isSpecial: (text: string) => boolean,
): Map<number, Example[]> {
  const groups = new Map<number, Example[]>();
  const known = new Map<ExampleTokenIds['tokens'], ExampleToken[]>();
  for (const { group, tokens, peak, repeats } of examplesOfLatent(s.examples, latentIndex)) {
    const views = known.get(tokens) ?? tokens.map((token) => viewOf(s, token, isSpecial));
    known.set(tokens, views);
    const example: Example = {
      tokens: views,
      peak,
      repeats,
      act: views[peak]?.act ?? 0,
      firstPosition: s.details === null ? null : 0,
    };
    groups.set(group, [...(groups.get(group) ?? []), example]);
  }
  return groups;
}

function viewOf(
  s: SaeStatistics,
  { tokenId, act }: { tokenId: number; act: number },
  isSpecial: (text: string) => boolean,
): ExampleToken {
  const text = textOf(s, tokenId);
  return { tokenId, text, act, isSpecial: isSpecial(text) };
}

function rankedLogits(
  s: SaeStatistics,
  latentIndex: number,
  ids: Uint32Array,
  values: Float32Array,
): LogitToken[] {
  const from = latentIndex * RANKED_LOGITS;
  return Array.from(ids.subarray(from, from + RANKED_LOGITS), (tokenId, i) => ({
    tokenId,
    text: textOf(s, tokenId),
    value: values[from + i] ?? 0,
  }));
}

function textOf(s: SaeStatistics, tokenId: number): string {
  return s.tokenTexts.get(tokenId) ?? `#${tokenId}`;
}
