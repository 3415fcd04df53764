// In which blocks a run reads its rows: the ring is filled with one, its rows are dealt out shuffled, then comes the next. The
// first may be small, so that the first step does not wait for a whole ring. Pure arithmetic: every feed and the loop
// agree on it, a resumed run too.
import type { SaeConfig } from '../sae/sae';

export type RingBlock = {
  index: number;
  /** rows of the run before it */
  first: number;
  rows: number;
  /** rows of the block before it; the first: 0 */
  before: number;
};

export type BlockShape = Pick<SaeConfig, 'tokens' | 'batchSize' | 'ringRows' | 'firstBlockRows'>;

/** Block after block without end: from `firstBlockRows` on each has twice as many rows, at most `ringRows`. Where they
 *  grow, the last of the run has only what it trains on. */
export function* ringBlocks(shape: BlockShape): Generator<RingBlock, never> {
  const { tokens, batchSize, ringRows, firstBlockRows } = shape;
  const end = Math.floor(tokens / batchSize) * batchSize;
  const isGrowing = firstBlockRows < ringRows;
  let [first, before, whole] = [0, 0, firstBlockRows];
  for (let index = 0; ; index++) {
    const left = end - first;
    const rows = isGrowing && left > 0 ? Math.min(whole, left) : whole;
    yield { index, first, rows, before };
    first += rows;
    before = rows;
    whole = Math.min(2 * whole, ringRows);
  }
}

/** The one that holds the rows of step `step`, from 0. */
export function ringBlockAt(shape: BlockShape, step: number): RingBlock {
  const row = step * shape.batchSize;
  for (const block of ringBlocks(shape)) {
    if (row < block.first + block.rows) return block;
  }
  throw new Error('unreachable');
}
