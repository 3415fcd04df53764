// Turns statistics into what the page shows: rows of the latent table and one latent's dashboard.
import { ConfigError } from '../core/errors';
import { HISTOGRAM_BINS } from '../core/latentStatistics';
import { latentWindow } from '../core/latentWindows';
import { RANKED_LOGITS, type SaeStatistics } from '../core/saeStatistics';
import type { Example, LatentDashboard, LatentRow, LogitToken } from './api';

export function latentRows(s: SaeStatistics): LatentRow[] {
  return Array.from({ length: s.d_sae }, (_, latentIndex) => latentRow(s, latentIndex));
}

function latentRow(s: SaeStatistics, latentIndex: number): LatentRow {
  const fireCount = s.fireCount[latentIndex] ?? 0;
  const topId = s.logits.topIds[latentIndex * RANKED_LOGITS];
  return {
    latentIndex,
    fireCount,
    density: fireCount / s.countedTokens,
    maxAct: s.maxAct[latentIndex] ?? 0,
    meanAct: fireCount === 0 ? 0 : (s.actSum[latentIndex] ?? 0) / fireCount,
    topToken: topId === undefined ? null : textOf(s, topId),
  };
}

/** Throws ConfigError for an index outside the dictionary. */
export function latentDashboard(
  s: SaeStatistics,
  latentIndex: number,
  isSpecial: (text: string) => boolean,
): LatentDashboard {
  if (!Number.isInteger(latentIndex) || latentIndex < 0 || latentIndex >= s.d_sae) {
    throw new ConfigError(
      `feature must be a whole number from 0 to ${s.d_sae - 1}: ${latentIndex}`,
      'latentIndex',
    );
  }
  const firstBin = latentIndex * HISTOGRAM_BINS;
  return {
    row: latentRow(s, latentIndex),
    tokensSeen: s.countedTokens,
    histogram: {
      binWidth: (s.range[latentIndex] ?? 0) / HISTOGRAM_BINS,
      counts: Array.from(s.histogram.subarray(firstBin, firstBin + HISTOGRAM_BINS)),
    },
    topExamples: examplesOf(s, latentIndex, isSpecial),
    topLogits: rankedLogits(s, latentIndex, s.logits.topIds, s.logits.topValues),
    bottomLogits: rankedLogits(s, latentIndex, s.logits.bottomIds, s.logits.bottomValues),
  };
}

function examplesOf(
  s: SaeStatistics,
  latentIndex: number,
  isSpecial: (text: string) => boolean,
): Example[] {
  const examples: Example[] = [];
  for (let i = 0; i < s.windows.examplesPerLatent; i++) {
    const window = latentWindow(s.windows, latentIndex, i);
    if (window === null) break;
    examples.push({
      ...window,
      tokens: window.tokens.map(({ tokenId, act }) => {
        const text = textOf(s, tokenId);
        return { tokenId, text, act, isSpecial: isSpecial(text) };
      }),
    });
  }
  return examples;
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
