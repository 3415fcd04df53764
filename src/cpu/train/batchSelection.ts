// The ⌊k·B⌋ largest positive pre-activations of a batch, exactly, ties by flat index (sae.md §4): candidates are
// gathered row by row; whenever they fill their place, only the best so far are kept, and what does not
// exceed the last of them is no longer a candidate.
import { ConfigError } from '../../core/errors';
import type { Arena } from '../arena';
import { preActStride, type CpuForward } from '../sae/cpuForward';
import type { RowCode } from './rowCode';

type Sizes = { rows: number; d_sae: number; kept: number };

/** Words of the selection's parts of an arena. */
export function batchSelectionWords({ rows, d_sae, kept }: Sizes) {
  const stride = preActStride(d_sae);
  if (rows * stride > 0xffffffff) {
    throw new ConfigError(
      `batchSize: ${rows} rows of ${stride} latents exceed 2^32 places; choose a smaller batchSize`,
      'batchSize',
    );
  }
  const words = 2 * kept + stride;
  return { values: words, positions: words };
}

export type CpuBatchSelection = {
  /** Before the first chunk. */
  begin: () => void;
  /** Takes the row from the chunk encoded last; rows in order. */
  add: (row: number, rowOfChunk: number) => void;
  /** Writes the code, rows in order, latents ascending; returns the smallest kept activation, null if none
   *  was kept. */
  finish: (code: RowCode) => number | null;
};

export function makeBatchSelection(
  { kernels, at, f32, u32 }: Arena<'values' | 'positions'>,
  forward: CpuForward,
  { rows, kept }: Sizes,
): CpuBatchSelection {
  const { stride, preActsOf } = forward;
  const room = f32.values.length - stride;
  let count = 0;
  let bound = 0;
  const prune = () => {
    kernels.keepFirst(at.values, at.positions, count, kept);
    count = kept;
    bound = f32.values[kept - 1]!;
  };
  return {
    begin: () => {
      count = 0;
      bound = 0;
    },
    add: (row, rowOfChunk) => {
      if (count > room) prune();
      const z = preActsOf(rowOfChunk);
      count = kernels.collectRow(z, stride, row * stride, bound, at.values, at.positions, count);
    },
    finish: (code) => {
      if (count > kept) prune();
      const { starts } = code;
      starts.fill(0);
      for (let i = 0; i < count; i++) starts[Math.floor(u32.positions[i]! / stride) + 1]!++;
      for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
      // First by row, then within each: rows are short.
      const next = starts.slice();
      let smallest = Infinity;
      for (let i = 0; i < count; i++) {
        const position = u32.positions[i]!;
        const value = f32.values[i]!;
        const slot = next[Math.floor(position / stride)]!++;
        code.latents[slot] = position % stride;
        code.acts[slot] = value;
        smallest = Math.min(smallest, value);
      }
      for (let row = 0; row < rows; row++) {
        const first = 4 * starts[row]!;
        const length = starts[row + 1]! - starts[row]!;
        kernels.sortByPosition(code.at.acts + first, code.at.latents + first, length);
      }
      return count === 0 ? null : smallest;
    },
  };
}
