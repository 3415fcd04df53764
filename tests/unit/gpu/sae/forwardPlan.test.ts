import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutRows, makeForwardPlan } from '../../../../src/gpu/sae/forwardPlan';

const DEFAULT = { storageBindingBytes: 128 * 2 ** 20 };

test('the table of kernels.md: rows per chunk at the default binding', () => {
  const rowsPerChunk = (d_sae: number) =>
    makeForwardPlan(DEFAULT, { rows: 8192, d_in: 64, d_sae, k: 32 }).chunkRows;
  expect([16384, 24576, 32768, 65536].map(rowsPerChunk)).toEqual([2048, 1344, 1024, 512]);
});

test('the bound of many groups is found by radix select, of few by counting', () => {
  const bound = (d_sae: number) =>
    makeForwardPlan(DEFAULT, { rows: 64, d_in: 4, d_sae, k: 32 }).bound;
  expect([2048, 16_384, 32_768, 65_536].map(bound)).toEqual(['count', 'count', 'radix', 'radix']);
});

test('the demo shape selects by groups of 16', () => {
  const plan = makeForwardPlan(DEFAULT, { rows: 1024, d_in: 256, d_sae: 2048, k: 32 });
  expect(plan).toMatchObject({ groupWidth: 16, groups: 128, select: 'groups', chunkRows: 1024 });
});

test('few groups for k, or too many for workgroup memory, are selected in full', () => {
  const select = (d_sae: number, k: number) =>
    makeForwardPlan(DEFAULT, { rows: 64, d_in: 4, d_sae, k }).select;
  expect(select(96, 96)).toBe('full');
  expect(select(128, 32)).toBe('groups');
  expect(select(128, 33)).toBe('full');
  expect(select(262_144, 32)).toBe('full');
});

test('chunks cover every row once, at offsets any binding accepts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 21, max: 24 }),
      (rows, d_sae, log) => {
        const caps = { storageBindingBytes: 2 ** log };
        const plan = makeForwardPlan(caps, { rows, d_in: 3, d_sae, k: 1 });
        let next = 0;
        for (const chunk of plan.chunks) {
          expect(chunk.firstRow).toBe(next);
          next += chunk.rows;
          expect((chunk.firstRow * plan.k * 4) % 256).toBe(0);
          expect(chunk.rows * plan.nStride * 4).toBeLessThanOrEqual(caps.storageBindingBytes);
        }
        expect(next).toBe(rows);
      },
    ),
  );
});

test('a step of fewer rows has fewer chunks', () => {
  expect(cutRows(130, 64)).toEqual([
    { firstRow: 0, rows: 64 },
    { firstRow: 64, rows: 64 },
    { firstRow: 128, rows: 2 },
  ]);
  expect(cutRows(0, 64)).toEqual([]);
});

test('weights beyond one binding are cut; refusals name the bound and the way out', () => {
  const shape = { rows: 64, d_in: 768, d_sae: 50_000, k: 32 };
  expect(makeForwardPlan(DEFAULT, shape).shards).toEqual([
    { first: 0, count: 25_024 },
    { first: 25_024, count: 24_976 },
  ]);
  expect(() => makeForwardPlan(DEFAULT, { ...shape, k: 1025 })).toThrow(/k must be at most 1024/);
  expect(() => makeForwardPlan(DEFAULT, { ...shape, d_sae: 8, k: 9 })).toThrow(/at most 8/);
  const tight = { storageBindingBytes: 64 * 1024 };
  expect(() => makeForwardPlan(tight, { rows: 128, d_in: 4, d_sae: 2048, k: 1 })).toThrow(
    /choose a smaller d_sae/,
  );
});
