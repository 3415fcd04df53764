// Reads a matrix to the CPU from wherever it is. For evaluation and tests; training never reads activations
// back.
import type { Matrix } from '../../core/handles';
import { readF32 } from './buffers';
import type { GpuContext } from './device';
import { bufferOf } from './handles';

/** [rows, cols], row-major. */
export function readMatrix(context: GpuContext, x: Matrix): Promise<Float32Array> {
  if (x.where === 'cpu') return Promise.resolve(x.data);
  return readF32(context, bufferOf(x.buffer), x.rows * x.cols);
}
