// Which tokens of a latent are shown: its strongest, a uniform sample, and uniform samples of intervals and
// quantiles of its activation (interface.md 2.3, 5). Chooses among the tokens a pass kept; texts are cut
// elsewhere.
import {
  activationIntervals,
  activationQuantiles,
  INTERVALS,
  QUANTILE_ENDS,
  type ActivationGroup,
} from './activationGroups';
import type { CodeArchive } from './codeArchive';
import {
  binSlots,
  forEachKept,
  HISTOGRAM_BINS,
  POSITIVE_SAMPLE,
  SAMPLE_BINS,
  SAMPLES_PER_BIN,
  TOP_TOKENS,
  type LatentStatistics,
} from './latentStatistics';
import { ConfigError } from '../errors';
import { hash32 } from '../numeric/rng';

/** Group numbers of examples: the top, the random ones, then intervals and quantiles, highest first. */
export const TOP_GROUP = 0;
export const RANDOM_GROUP = 1;
export const FIRST_INTERVAL_GROUP = 2;
export const FIRST_QUANTILE_GROUP = FIRST_INTERVAL_GROUP + INTERVALS;
export const EXAMPLE_GROUPS = FIRST_QUANTILE_GROUP + QUANTILE_ENDS.length;

/** Most examples kept of each; top: at most TOP_TOKENS, all that a pass has of them. */
export type ExampleCounts = { top: number; random: number; perGroup: number };
export const FULL_EXAMPLES: ExampleCounts = { top: 20, random: 20, perGroup: 5 };

/** Throws ConfigError unless so many of the strongest can be kept of a latent. name: as the caller calls it. */
export function checkTopKept(top: number, name: string): void {
  if (Number.isInteger(top) && top >= 1 && top <= TOP_TOKENS) return;
  throw new ConfigError(
    `${name} must be a whole number from 1 to ${TOP_TOKENS}, all that is kept of a feature: ${top}`,
    name,
  );
}

/** Most examples of one latent. */
export function mostExamples({ top, random, perGroup }: ExampleCounts): number {
  return top + random + perGroup * (INTERVALS + QUANTILE_ENDS.length);
}

export type ChosenToken = { group: number; token: number; act: number; repeats: number };

/** interface.md 5: examples are equal if their ±8 tokens are. */
const DEDUPE_RADIUS = 8;

export function chooseExamples(
  stats: LatentStatistics,
  latent: number,
  archive: CodeArchive,
  counts: ExampleCounts,
): ChosenToken[] {
  const bins = {
    counts: stats.histogram.subarray(latent * HISTOGRAM_BINS, (latent + 1) * HISTOGRAM_BINS),
    binWidth: stats.range[latent]! / HISTOGRAM_BINS,
    maxAct: stats.top.acts[latent * TOP_TOKENS]!,
  };
  const grouped = (groups: ActivationGroup[], firstGroup: number) =>
    groups.flatMap((range, i) =>
      sampleRange(stats, latent, range, i === 0, counts.perGroup).map(({ act, token }) => ({
        group: firstGroup + i,
        token,
        act,
        repeats: 1,
      })),
    );
  return [
    ...topExamples(stats, latent, archive, counts.top),
    ...randomExamples(stats, latent, counts.random),
    ...grouped(activationIntervals(bins), FIRST_INTERVAL_GROUP),
    ...grouped(activationQuantiles(bins), FIRST_QUANTILE_GROUP),
  ];
}

/** The strongest tokens; equal texts become one, counted. */
function topExamples(
  stats: LatentStatistics,
  latent: number,
  archive: CodeArchive,
  most: number,
): ChosenToken[] {
  const chosen: ChosenToken[] = [];
  const ofText = new Map<string, ChosenToken>();
  const slots = { start: latent * TOP_TOKENS, slots: TOP_TOKENS };
  forEachKept(stats.top, slots, (act, token) => {
    const key = dedupeKey(archive, token);
    const known = ofText.get(key);
    if (known !== undefined) known.repeats++;
    else if (chosen.length < most) {
      const example = { group: TOP_GROUP, token, act, repeats: 1 };
      ofText.set(key, example);
      chosen.push(example);
    }
  });
  return chosen;
}

function dedupeKey(archive: CodeArchive, token: number): string {
  const { contextSize } = archive;
  const start = token - (token % contextSize);
  const from = Math.max(start, token - DEDUPE_RADIUS);
  const to = Math.min(start + contextSize, token + DEDUPE_RADIUS + 1);
  return archive.tokenIds.subarray(from, to).join(',');
}

/** The first of the uniform sample, one per sequence. */
function randomExamples(stats: LatentStatistics, latent: number, most: number): ChosenToken[] {
  const chosen: ChosenToken[] = [];
  const seen = new Set<number>();
  const slots = { start: latent * POSITIVE_SAMPLE, slots: POSITIVE_SAMPLE };
  forEachKept(stats.positives, slots, (act, token) => {
    const sequence = Math.floor(token / stats.contextSize);
    if (chosen.length === most || seen.has(sequence)) return;
    seen.add(sequence);
    chosen.push({ group: RANDOM_GROUP, token, act, repeats: 1 });
  });
  return chosen;
}

type Sampled = { act: number; token: number; hash: number };

/** A uniform sample of firing tokens with an activation in [from, to) (`to` included if it is the maximum):
 *  a bin that dropped tokens is complete only up to its largest kept hash, so the
 *  lowest of these is the cut-off for all bins. May return fewer than `most` although more exist. */
export function sampleRange(
  stats: LatentStatistics,
  latent: number,
  range: ActivationGroup,
  isLast: boolean,
  most: number,
): Sampled[] {
  const width = stats.range[latent]! / SAMPLE_BINS;
  const key = hash32(stats.seed, latent);
  const first = Math.floor(range.from / width);
  const end = Math.min(SAMPLE_BINS, isLast ? SAMPLE_BINS : Math.ceil(range.to / width));
  const found: Sampled[] = [];
  let cut = Infinity;
  for (let bin = first; bin < end; bin++) {
    const hashes: number[] = [];
    forEachKept(stats.binned, binSlots(latent, bin), (act, token) => {
      const hash = hash32(key, token);
      hashes.push(hash);
      if (act >= range.from && (isLast || act < range.to)) found.push({ act, token, hash });
    });
    if (binCount(stats, latent, bin) > SAMPLES_PER_BIN) cut = Math.min(cut, hashes.at(-1)!);
  }
  return found
    .filter(({ hash }) => hash <= cut)
    .sort((a, b) => a.hash - b.hash)
    .slice(0, most);
}

/** Firing tokens of a latent in one of its sample bins. */
function binCount(stats: LatentStatistics, latent: number, bin: number): number {
  const ratio = HISTOGRAM_BINS / SAMPLE_BINS;
  const start = latent * HISTOGRAM_BINS + bin * ratio;
  return stats.histogram.subarray(start, start + ratio).reduce((sum, count) => sum + count, 0);
}
