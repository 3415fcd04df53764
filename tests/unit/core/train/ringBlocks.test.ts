import { describe, expect, it } from 'vitest';
import { ringBlockAt, ringBlocks, type BlockShape } from '../../../../src/core/train/ringBlocks';

function firstRows(shape: BlockShape, count: number): number[] {
  const rows: number[] = [];
  for (const block of ringBlocks(shape)) {
    if (rows.length === count) break;
    rows.push(block.rows);
  }
  return rows;
}

describe('blocks of the ring', () => {
  const growing = { tokens: 10_400, batchSize: 100, ringRows: 1600, firstBlockRows: 100 };

  it('double from the first to a whole ring, and the last has only what is trained on', () => {
    expect(firstRows(growing, 10)).toEqual([100, 200, 400, 800, 1600, 1600, 1600, 1600, 1600, 900]);
  });

  it('are whole from the start where the first is', () => {
    expect(firstRows({ ...growing, firstBlockRows: 1600 }, 7)).toEqual(Array(7).fill(1600));
  });

  it.each([growing, { ...growing, firstBlockRows: 300 }, { ...growing, firstBlockRows: 1600 }])(
    'hold every row of the run once, in order: first block of %o',
    (shape) => {
      let end = 0;
      for (let step = 0; step < 104; step++) {
        const block = ringBlockAt(shape, step);
        const at = step * shape.batchSize;
        expect(at).toBeGreaterThanOrEqual(block.first);
        expect(at + shape.batchSize).toBeLessThanOrEqual(block.first + block.rows);
        if (at === block.first) expect(block.first).toBe(end);
        end = block.first + block.rows;
      }
    },
  );
});
