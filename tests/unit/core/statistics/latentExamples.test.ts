// Which tokens are shown, and with which text and activations.
import { describe, expect, it } from 'vitest';
import {
  activationIntervals,
  activationQuantiles,
} from '../../../../src/core/statistics/activationGroups';
import { addToArchive, makeCodeArchive } from '../../../../src/core/statistics/codeArchive';
import {
  FIRST_INTERVAL_GROUP,
  FULL_EXAMPLES,
  RANDOM_GROUP,
  sampleRange,
  TOP_GROUP,
} from '../../../../src/core/statistics/exampleChoice';
import {
  cutLatentExamples,
  examplesOfLatent,
} from '../../../../src/core/statistics/latentExamples';
import {
  addSparseCode,
  HISTOGRAM_BINS,
  makeLatentStatistics,
} from '../../../../src/core/statistics/latentStatistics';
import { makeRng } from '../../../../src/core/numeric/rng';

const CONTEXT = 40;

/** Latent 1 fires where `acts` says so. */
function archiveOf(sequences: { text: number[]; acts: Record<number, number> }[]) {
  const archive = makeCodeArchive({ contextSize: CONTEXT, sequences: sequences.length, d_sae: 2 });
  const statistics = makeLatentStatistics({ d_sae: 2, contextSize: CONTEXT });
  sequences.forEach(({ text, acts }, s) => {
    archive.tokenIds.set(text, s * CONTEXT);
    for (const [position, act] of Object.entries(acts)) {
      const token = Uint32Array.of(s * CONTEXT + Number(position));
      const code = { k: 1, latentIndices: Uint32Array.of(1), latentActs: Float32Array.of(act) };
      addToArchive(archive, code, token);
      addSparseCode(statistics, code, token);
    }
  });
  return { archive, statistics };
}

const counting = (offset: number) => Array.from({ length: CONTEXT }, (_, i) => offset + i);

describe('examples', () => {
  it('are whole sequences with every activation of the latent', () => {
    const { archive, statistics } = archiveOf([
      { text: counting(100), acts: { 20: 3, 22: 2 } },
      { text: counting(500), acts: { 2: 9 } },
    ]);
    const examples = cutLatentExamples(statistics, archive, FULL_EXAMPLES);
    expect(examplesOfLatent(examples, 0)).toEqual([]);
    const top = examplesOfLatent(examples, 1).filter(({ group }) => group === TOP_GROUP);
    expect(top.map(({ peak }) => peak)).toEqual([2, 20]);
    expect(top[1]!.tokens.map(({ tokenId }) => tokenId)).toEqual(counting(100));
    const active = top[1]!.tokens.flatMap(({ act }, i) => (act > 0 ? [[i, act]] : []));
    expect(active).toEqual([
      [20, 3],
      [22, 2],
    ]);
  });

  it('count equal texts instead of repeating them', () => {
    const { archive, statistics } = archiveOf([
      { text: counting(0), acts: { 12: 5 } },
      { text: counting(0), acts: { 12: 4 } },
      { text: counting(9), acts: { 12: 3 } },
    ]);
    const examples = cutLatentExamples(statistics, archive, FULL_EXAMPLES);
    const top = examplesOfLatent(examples, 1).filter(({ group }) => group === TOP_GROUP);
    expect(top.map(({ repeats }) => repeats)).toEqual([2, 1]);
  });

  it('are drawn at random once per sequence, and from each interval', () => {
    const { archive, statistics } = archiveOf(
      Array.from({ length: 30 }, (_, s) => ({
        text: counting(s * 50),
        acts: { 5: 1 + (s % 10), 30: 0.5 },
      })),
    );
    const examples = examplesOfLatent(cutLatentExamples(statistics, archive, FULL_EXAMPLES), 1);
    const random = examples.filter(({ group }) => group === RANDOM_GROUP);
    expect(random).toHaveLength(20);
    expect(new Set(random.map(({ tokens }) => tokens[0]!.tokenId)).size).toBe(20);
    const highest = examples.filter(({ group }) => group === FIRST_INTERVAL_GROUP);
    expect(highest).toHaveLength(5);
    // Above 4/5 of 10.
    expect(highest.every(({ tokens, peak }) => tokens[peak]!.act >= 8)).toBe(true);
  });
});

describe('groups of activations', () => {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  // R 16: bins of 0.125. 90 tokens of 0.5, 9 of 5, 1 of 10.
  counts[4] = 90;
  counts[40] = 9;
  counts[80] = 1;
  const bins = { counts, binWidth: 0.125, maxAct: 10 };

  it('are five equal widths of (0, max], with exact counts', () => {
    const groups = activationIntervals(bins);
    expect(groups.map(({ from, to }) => [from, to])).toEqual([
      [8, 10],
      [6, 8],
      [4, 6],
      [2, 4],
      [0, 2],
    ]);
    expect(groups.map(({ count }) => count)).toEqual([1, 0, 9, 0, 90]);
  });

  it('are true quantiles where those are asked for', () => {
    const groups = activationQuantiles(bins);
    expect(groups.map(({ count }) => count)).toEqual([0, 1, 9, 0, 90]);
    expect(groups[0]!.to).toBe(10);
    expect(groups.at(-1)!.from).toBe(0);
  });

  it('are none for a latent that never fired', () => {
    const silent = { counts: new Uint32Array(HISTOGRAM_BINS), binWidth: 1, maxAct: 0 };
    expect(activationIntervals(silent)).toEqual([]);
    expect(activationQuantiles(silent)).toEqual([]);
  });
});

describe('the sample of an interval', () => {
  it('takes sparse and crowded bins of the interval at one rate', () => {
    // In (4, 8): 300 tokens of 5, 100 of 7; over many seeds a quarter of the sample must be 7.
    let high = 0;
    let total = 0;
    for (let seed = 0; seed < 300; seed++) {
      const stats = makeLatentStatistics({ d_sae: 1, contextSize: 100, seed });
      const rng = makeRng(seed);
      const acts = Array.from({ length: 400 }, (_, i) => (i < 300 ? 5 : 7) + rng.next() / 10);
      const code = {
        k: 1,
        latentIndices: new Uint32Array(acts.length),
        latentActs: Float32Array.from(acts),
      };
      addSparseCode(
        stats,
        code,
        Uint32Array.from(acts, (_, i) => i),
      );
      const range = { from: 4, to: 8, count: 400 };
      const sample = sampleRange(stats, 0, range, true, 5);
      high += sample.filter(({ act }) => act > 6).length;
      total += sample.length;
    }
    expect(total).toBeGreaterThan(1000);
    // ±4 standard deviations of a fair draw.
    expect(Math.abs(high / total - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / total));
  });
});
