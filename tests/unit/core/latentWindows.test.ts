import { describe, expect, it } from 'vitest';
import { addSparseCode, makeLatentStatistics } from '../../../src/core/latentStatistics';
import { addToArchive, makeCodeArchive } from '../../../src/core/codeArchive';
import { cutLatentWindows, latentWindow } from '../../../src/core/latentWindows';

const CONTEXT = 40;

/** Latent 1 fires where the text says 7, with the given activation. */
function archiveOf(sequences: { text: number[]; acts: Record<number, number> }[]) {
  const archive = makeCodeArchive({ contextSize: CONTEXT, sequences: sequences.length });
  const statistics = makeLatentStatistics(2);
  sequences.forEach(({ text, acts }, s) => {
    archive.tokenIds.set(text, s * CONTEXT);
    for (const [position, act] of Object.entries(acts)) {
      const at = s * CONTEXT + Number(position);
      const code = {
        k: 1,
        latentIndices: Uint32Array.of(1),
        latentActs: Float32Array.of(act),
      };
      addToArchive(archive, code, Uint32Array.of(at));
      addSparseCode(statistics, code, Uint32Array.of(s), Uint32Array.of(Number(position)));
    }
  });
  return { archive, statistics };
}

const counting = (offset: number) => Array.from({ length: CONTEXT }, (_, i) => offset + i);

describe('latent windows', () => {
  it('cuts sixteen tokens around the peak, shorter at the edges', () => {
    const { archive, statistics } = archiveOf([
      { text: counting(100), acts: { 20: 3, 22: 2 } },
      { text: counting(500), acts: { 2: 9 } },
    ]);
    const windows = cutLatentWindows(statistics, archive, 4);
    const first = latentWindow(windows, 1, 0)!;
    expect(first.act).toBe(9);
    expect(first.peak).toBe(2);
    expect(first.tokens.map((t) => t.tokenId)).toEqual(counting(500).slice(0, 19));
    const second = latentWindow(windows, 1, 1)!;
    expect(second.peak).toBe(16);
    expect(second.tokens).toHaveLength(33);
    expect(second.tokens[16]).toEqual({ tokenId: 120, act: 3 });
    expect(second.tokens[18]!.act).toBe(2);
    expect(latentWindow(windows, 1, 2)).toBeNull();
    expect(latentWindow(windows, 0, 0)).toBeNull();
  });

  it('keeps equal windows once and counts them', () => {
    const { archive, statistics } = archiveOf([
      { text: counting(0), acts: { 12: 5 } },
      { text: counting(0), acts: { 12: 4 } },
      { text: counting(9), acts: { 12: 3 } },
    ]);
    const windows = cutLatentWindows(statistics, archive, 2);
    expect(latentWindow(windows, 1, 0)).toMatchObject({ act: 5, repeats: 2 });
    expect(latentWindow(windows, 1, 1)).toMatchObject({ act: 3, repeats: 1 });
  });
});
