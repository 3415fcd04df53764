// What a block of the ring is measured and scaled by: counted rows only, the scale by the first pass alone, and a kept block
// as it was kept.
import { describe, expect, it } from 'vitest';
import type { CpuMatrix, Matrix } from '../../../../src/core/handles';
import type { RingBlock } from '../../../../src/core/train/ringBlocks';
import { createCpuRing } from '../../../../src/cpu/train/cpuRing';
import type { ActivationFeed } from '../../../../src/engine/activations/activationFeed';
import { fillRings } from '../../../../src/engine/train/ringFill';

const D = 4;
const BLOCK: RingBlock = { index: 0, first: 0, rows: 6, before: 0 };
/** Of a pass of four rows the first, a special token, is not counted. */
const COUNTED = Uint32Array.of(1, 2, 3);
const goOn = () => Promise.resolve(true);
const read = (x: Matrix) => Promise.resolve((x as CpuMatrix).data);
const makeRing = () => createCpuRing({ rows: 6, d: D }, read);

/** [4, D]: the special row holds `special`, the others about `level`. */
function passOf(level: number, special: number): CpuMatrix {
  const data = Float32Array.from({ length: 4 * D }, (_, i) => (i < D ? special : level + (i % 3)));
  return { where: 'cpu', rows: 4, cols: D, data };
}

/** Two passes of three counted rows each, the second ten times as large. */
function feedOf(special: number): ActivationFeed {
  return {
    async readBlock(_block, take) {
      for (const [i, level] of [1, 10].entries()) {
        const activations = [passOf(level, special)];
        if (!(await take({ activations, rows: COUNTED, firstRow: 3 * i, isScaled: false }))) {
          return false;
        }
      }
      return true;
    },
    ringText: () => null,
  };
}

async function fill(feed: ActivationFeed, measured: number, scales: number[] | null = null) {
  const ring = makeRing();
  const found = await fillRings({ feed, rings: [ring], block: BLOCK, scales, measured }, goOn);
  const rows = await ring.readRows(Uint32Array.from({ length: 6 }, (_, i) => i));
  return { found, rows };
}

/** √d / mean norm of counted rows (sae.md §2). */
function scaleOf(level: number): number {
  const { data } = passOf(level, 0);
  const norms = [...COUNTED].map((row) => Math.hypot(...data.subarray(row * D, (row + 1) * D)));
  return Math.sqrt(D) / (norms.reduce((sum, norm) => sum + norm, 0) / norms.length);
}

describe('a block of the ring', () => {
  it('is measured without special tokens', async () => {
    const { found, rows } = await fill(feedOf(0), 6);
    expect(found).toHaveLength(1);
    expect(found?.[0]?.tokens).toBe(6);
    expect(await fill(feedOf(1e9), 6)).toEqual({ found, rows });
  });

  it('is scaled by the first pass, and by what is given where something is', async () => {
    const { found, rows } = await fill(feedOf(0), 6);
    expect(found?.[0]?.inputScale).toBeCloseTo(scaleOf(1), 5);
    // Rows are kept in f16.
    const first = passOf(1, 0).data.subarray(D, 2 * D);
    first.forEach((value, i) => expect(rows[i]).toBeCloseTo(value * scaleOf(1), 2));
    const given = await fill(feedOf(0), 6, [0.25]);
    expect(given.found?.[0]?.inputScale).toBe(0.25);
    expect(given.rows[0]).toBeCloseTo(first[0]! * 0.25, 3);
  });

  it('is measured by no more rows than asked for', async () => {
    const [first] = (await fill(feedOf(0), 3)).found ?? [];
    expect(first?.tokens).toBe(3);
    const [all] = (await fill(feedOf(0), 6)).found ?? [];
    // The second pass is ten times as large.
    expect(all!.mean[0]! / first!.mean[0]!).toBeGreaterThan(3);
    expect((await fill(feedOf(0), 0)).found).toEqual([]);
  });

  it('is left unfinished where it is told so', async () => {
    const ring = makeRing();
    const o = { feed: feedOf(0), rings: [ring], block: BLOCK, scales: null, measured: 6 };
    expect(await fillRings(o, (rows) => Promise.resolve(rows < 3))).toBeNull();
  });
});
