// The codes of tokens while a model reads them: rows of a residual stream are copied immediately, in the
// order of the queue, and encoded; the stream may change afterwards. Knows neither lanes nor text.
import type { Matrix } from '../../core/handles';
import type { SaeParams, SparseCode } from '../../core/sae/sae';
import { createBufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { bufferHandle, bufferOf } from '../device/handles';
import { createGrowingBuffer } from '../device/matrixSource';
import { createSaeEncoder } from './saeEncoder';

export type LatentStream = {
  /** One call at a time: wait until it resolves before the next. */
  encode: (x: Matrix, rowIndices: Uint32Array) => Promise<SparseCode>;
  dispose: () => void;
};

/** @param rows rows of one GPU step */
export async function createLatentStream(
  context: GpuContext,
  params: SaeParams,
  rows: number,
): Promise<LatentStream> {
  const encoder = await createSaeEncoder(context, params, { rows, weights: 'compact' });
  const set = createBufferSet(context, 'latent_stream');
  const copies = createGrowingBuffer(context, set, 'copy');
  return {
    encode: (x, rowIndices) => {
      if (x.where === 'cpu') return encoder.encode(x, rowIndices);
      const byteLength = x.rows * x.cols * 4;
      const copy = copies.reserve(byteLength);
      const commands = context.device.createCommandEncoder({ label: 'latent_stream' });
      commands.copyBufferToBuffer(bufferOf(x.buffer), 0, copy, 0, byteLength);
      context.device.queue.submit([commands.finish()]);
      return encoder.encode({ ...x, buffer: bufferHandle(copy) }, rowIndices);
    },
    dispose: () => {
      encoder.dispose();
      set.dispose();
    },
  };
}
