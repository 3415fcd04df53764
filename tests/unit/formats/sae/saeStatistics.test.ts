import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { f32ToF16 } from '../../../../src/core/numeric/float16';
import { TOP_GROUP } from '../../../../src/core/statistics/exampleChoice';
import { examplesOfLatent } from '../../../../src/core/statistics/latentExamples';
import type { SaeStatistics } from '../../../../src/core/statistics/saeStatistics';
import { formatArrayBundle } from '../../../../src/formats/archives/arrayBundle';
import { formatSaeStatistics, parseSaeStatistics } from '../../../../src/formats/sae/saeStatistics';
import {
  makeSaeStatistics,
  rankedLogits,
  STATISTICS_TEXTS,
} from '../../../helpers/statistics/saeStatisticsCase';

/** Three latents; latent 1 never fires. */
const example = () => makeSaeStatistics(3);
const ranked = () => rankedLogits(3);

/** A file as version 1 wrote it: one window of ±16 tokens, for latent 2. */
function versionOne(): Uint8Array<ArrayBuffer> {
  const windowIds = new Uint32Array(3 * 33).fill(0xffffffff);
  const acts = new Float32Array(3 * 33);
  windowIds.set([9, 8, 7], 2 * 33 + 15);
  acts.set([0, 2.5, 1.5], 2 * 33 + 15);
  const { topIds, topValues, bottomIds, bottomValues } = ranked();
  const bundle = formatArrayBundle({
    facts: { countedTokens: 100, examplesPerLatent: 1, tokenTexts: [...STATISTICS_TEXTS] },
    arrays: {
      fireCount: Uint32Array.of(0, 0, 2),
      actSum: Float64Array.of(0, 0, 4),
      maxAct: Float32Array.of(0, 0, 2.5),
      range: Float64Array.of(1, 1, 4),
      histogram: new Uint32Array(3 * 128),
      windowIds,
      windowActs: f32ToF16(acts),
      windowRepeats: Uint16Array.of(0, 0, 3),
      topIds,
      topValues,
      bottomIds,
      bottomValues,
    },
  });
  return new Uint8Array(gzipSync(bundle));
}

describe('statistics file', () => {
  it('gives back all that dashboards read', async () => {
    const statistics = { ...example(), topKept: 50 };
    expect(statistics.examples.exampleGroup.length).toBeGreaterThan(3);
    expect(await parseSaeStatistics(await formatSaeStatistics(statistics), 3)).toEqual(statistics);
  });

  it('opens version 1 with its strongest examples, and says what it lacks', async () => {
    const parsed = await parseSaeStatistics(versionOne(), 3);
    expect(parsed.details).toBeNull();
    expect(parsed.topKept).toBe(20);
    expect(parsed.range).toEqual(Float32Array.of(1, 1, 4));
    expect(examplesOfLatent(parsed.examples, 0)).toEqual([]);
    const tokens = [
      { tokenId: 9, act: 0 },
      { tokenId: 8, act: 2.5 },
      { tokenId: 7, act: 1.5 },
    ];
    expect(examplesOfLatent(parsed.examples, 2)).toEqual([
      { group: TOP_GROUP, tokens, peak: 1, repeats: 3 },
    ]);
    // Kept again, it is version 2 without details.
    expect(await parseSaeStatistics(await formatSaeStatistics(parsed), 3)).toEqual(parsed);
  });

  it.each<[string, Partial<SaeStatistics['examples']>]>([
    ['a span of no passage', { spanPassage: Uint32Array.of(9, 9, 9, 9) }],
    ['an example outside its passage', { examplePosition: new Uint16Array(99).fill(4) }],
    ['lists of another length', { actEnds: Uint32Array.of(1, 1, 1, 1) }],
    ['a group that there is not', { exampleGroup: new Uint8Array(99).fill(200) }],
    ['an infinite activation', { actBits: new Uint16Array(99).fill(0x7c00) }],
  ])('refuses %s', async (_, change) => {
    const statistics = example();
    const cutToSize = Object.fromEntries(
      Object.entries(change).map(([name, values]) => [
        name,
        values.slice(0, statistics.examples[name as keyof typeof change].length),
      ]),
    );
    const examples = { ...statistics.examples, ...cutToSize };
    const bytes = await formatSaeStatistics({ ...statistics, examples });
    await expect(parseSaeStatistics(bytes, 3)).rejects.toThrow(
      'is damaged; compute the statistics again',
    );
  });

  it('refuses statistics of another SAE and damaged files', async () => {
    const bytes = await formatSaeStatistics(example());
    await expect(parseSaeStatistics(bytes, 4)).rejects.toThrow('not 4; compute them again');
    await expect(parseSaeStatistics(bytes.slice(0, 40), 3)).rejects.toThrow('damaged');
  });

  it('refuses a file that inflates far beyond what its latents need', async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(20_000_000)));
    expect(bomb.length).toBeLessThan(30_000);
    const refused = await parseSaeStatistics(bomb, 3).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FormatError);
    expect((refused as FormatError).cause).toMatchObject({
      message: expect.stringContaining('inflates to more than') as string,
    });
  });

  it.each<[string, Partial<SaeStatistics>]>([
    ['a fraction of a token', { countedTokens: 0.5 }],
    ['fewer tokens than none', { countedTokens: -1 }],
    ['an activation that is not finite', { maxAct: Float32Array.of(1, NaN, 0) }],
  ])('refuses %s', async (_, change) => {
    const bytes = await formatSaeStatistics({ ...example(), ...change });
    await expect(parseSaeStatistics(bytes, 3)).rejects.toThrow(FormatError);
  });
});
