import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/core/errors';
import { f16ToF32, f32ToF16 } from '../../../src/core/float16';
import { addToArchive, makeCodeArchive } from '../../../src/core/codeArchive';
import { addSparseCode, makeLatentStatistics } from '../../../src/core/latentStatistics';
import { cutLatentWindows } from '../../../src/core/latentWindows';
import type { SaeStatistics } from '../../../src/core/saeStatistics';
import { formatSaeStatistics, parseSaeStatistics } from '../../../src/formats/saeStatistics';

function example(): SaeStatistics {
  const stats = makeLatentStatistics(3);
  const code = {
    k: 1,
    latentIndices: Uint32Array.of(0, 2, 2),
    latentActs: Float32Array.of(0.1, 2.7, 1.3),
  };
  addSparseCode(stats, code, Uint32Array.of(0, 0, 1), Uint32Array.of(1, 2, 3));
  const archive = makeCodeArchive({ contextSize: 4, sequences: 2 });
  archive.tokenIds.set([9, 8, 7, 6, 5, 65535, 3, 2]);
  addToArchive(archive, code, Uint32Array.of(1, 2, 7));
  const windows = cutLatentWindows(stats, archive, 2);
  const logits = {
    topIds: new Uint32Array(30).fill(7),
    topValues: new Float32Array(30).fill(0.25),
    bottomIds: new Uint32Array(30).fill(65535),
    bottomValues: new Float32Array(30).fill(-1),
  };
  const { d_sae, countedTokens, fireCount, actSum, maxAct, range, histogram } = stats;
  const counts = { d_sae, countedTokens, fireCount, actSum, maxAct, range, histogram };
  const unkept = { powerSums: null, neighbours: null };
  return { ...counts, ...unkept, windows, logits, tokenTexts: new Map([[65535, 'é']]) };
}

describe('statistics file', () => {
  it('gives back all that dashboards read, example activations in f16', async () => {
    const statistics = example();
    const parsed = await parseSaeStatistics(await formatSaeStatistics(statistics), 3);
    const acts = f16ToF32(f32ToF16(statistics.windows.acts));
    expect(parsed).toEqual({ ...statistics, windows: { ...statistics.windows, acts } });
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
