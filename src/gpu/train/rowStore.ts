// Rows kept in a GPU buffer: what a model computed there is copied from buffer to buffer, past the processor.
import { ConfigError } from '../../core/errors';
import { checkRowsFit, runsOf } from '../../core/numeric/rowIndices';
import type { RowStore } from '../../core/train/rowStore';
import { createBufferSet, writeBuffer } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { bufferHandle, bufferOf } from '../device/handles';

/** Throws ConfigError if the rows exceed one binding of this device, which kernels read them through. */
export function createRowStore(
  context: GpuContext,
  { rows, d }: { rows: number; d: number },
): RowStore {
  const rowBytes = 4 * d;
  const most = Math.floor(context.caps.storageBindingBytes / rowBytes);
  if (rows > most) {
    throw new ConfigError(
      `rows: ${rows} of width ${d} exceed one GPU binding; at most ${most} on this adapter`,
      'rows',
    );
  }
  const set = createBufferSet(context, 'row_store');
  const buffer = set.storage('rows', rows * rowBytes);
  return {
    matrix: { where: 'gpu', rows, cols: d, buffer: bufferHandle(buffer) },
    append(x, rowIndices, firstRow) {
      return new Promise((resolve) => {
        checkRowsFit(x, rowIndices, { firstRow, rows, cols: d });
        const encoder = context.device.createCommandEncoder({ label: 'row_store' });
        for (const { at, row, count } of runsOf(rowIndices)) {
          const to = (firstRow + at) * rowBytes;
          if (x.where === 'cpu') {
            writeBuffer(context, buffer, x.data.subarray(row * d, (row + count) * d), to);
          } else {
            const source = bufferOf(x.buffer);
            encoder.copyBufferToBuffer(source, row * rowBytes, buffer, to, count * rowBytes);
          }
        }
        context.device.queue.submit([encoder.finish()]);
        resolve();
      });
    },
    dispose: set.dispose,
  };
}
