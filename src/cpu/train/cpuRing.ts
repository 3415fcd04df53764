// The activation ring in the processor's memory, and the moments of its rows: the same numbers as the GPU's,
// rows in f16. Knows neither model nor SAE.
import { ConfigError } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import { f16Values, f32ToF16, MAX_F16 } from '../../core/numeric/float16';
import { addMoments, makeMoments, type MomentsChunk } from '../../core/numeric/moments';
import { checkRowIndices } from '../../core/numeric/rowIndices';
import { calibrationOf } from '../../core/sae/calibration';
import type { ActivationRing } from '../../core/train/activationRing';

/** The ring as the processor's trainer reads it. */
export type CpuRing = ActivationRing & {
  /** Row `row` as f32 into out[at …]; d values. */
  copyRow: (row: number, out: Float32Array, at: number) => void;
};

/** @param read the values of a matrix, wherever it is
 *  Throws ConfigError if the machine has not enough memory. */
export function createCpuRing(
  { rows, d }: { rows: number; d: number },
  read: (x: Matrix) => Promise<Float32Array>,
): CpuRing {
  const bits = allocate(rows, d);
  const values = f16Values();
  const scaled = new Float32Array(d);
  let total = makeMoments(d);
  const copyRow = (row: number, out: Float32Array, at: number) => {
    for (let i = 0; i < d; i++) out[at + i] = values[bits[row * d + i]!]!;
  };
  return {
    rows,
    d,
    copyRow,
    append: async (x, rowIndices, scale, firstRow) => {
      checkRowIndices(x, rowIndices, d);
      if (rowIndices.length > rows) {
        throw new ConfigError(`ring of ${rows} rows: cannot append ${rowIndices.length} at once`);
      }
      const data = await read(x);
      const s = Math.fround(scale);
      for (const [at, row] of rowIndices.entries()) {
        for (let i = 0; i < d; i++) {
          scaled[i] = Math.min(MAX_F16, Math.max(-MAX_F16, s * data[row * d + i]!));
        }
        bits.set(f32ToF16(scaled), ((firstRow + at) % rows) * d);
      }
    },
    measure: async (x, rowIndices) => {
      checkRowIndices(x, rowIndices, d);
      if (rowIndices.length === 0) return;
      addMoments(total, momentsOf(await read(x), rowIndices, d));
    },
    readRows: (rowIndices) => {
      const out = new Float32Array(rowIndices.length * d);
      for (const [at, row] of rowIndices.entries()) copyRow(row, out, at * d);
      return Promise.resolve(out);
    },
    finish: () => {
      const measured = Promise.resolve(total);
      total = makeMoments(d);
      return measured.then(calibrationOf);
    },
    dispose: () => undefined,
  };
}

function allocate(rows: number, d: number): Uint16Array {
  try {
    return new Uint16Array(rows * d);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(
      `ringRows: ${rows} rows of width ${d} need ${2 * rows * d} bytes, which this machine refused; choose fewer`,
      'ringRows',
    );
  }
}

function momentsOf(data: Float32Array, rowIndices: Uint32Array, d: number): MomentsChunk {
  const count = rowIndices.length;
  const mean = new Float64Array(d);
  const squares = new Float64Array(d);
  const norms = new Float64Array(count);
  for (const row of rowIndices) for (let i = 0; i < d; i++) mean[i]! += data[row * d + i]!;
  for (let i = 0; i < d; i++) mean[i]! /= count;
  for (const [at, row] of rowIndices.entries()) {
    let norm2 = 0;
    for (let i = 0; i < d; i++) {
      const value = data[row * d + i]!;
      norm2 += value * value;
      squares[i]! += (value - mean[i]!) ** 2;
    }
    norms[at] = Math.sqrt(norm2);
  }
  return { count, mean, squares, norms };
}
