// A folded SAE for inference: rows of the residual stream in, sparse code out on the CPU. Training uses
// saeForward itself.
import { checkRowIndices } from '../../core/numeric/rowIndices';
import type { SaeParams } from '../../core/sae/sae';
import type { EncoderOptions, SaeEncoder } from '../../core/sae/saeEncoder';
import { checkLengths } from '../../core/sae/saeLengths';
import type { BindingSource } from '../device/bindingLayout';
import { createBufferSet, writeBuffer, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { acquireEncoderWeights, type EncoderWeights } from './encoderWeights';
import { createCodeReader, type CodeReader } from './codeReader';
import { GATHER_STEP, gatherStep, prepareGather } from '../kernels/gather';
import { bindMatrix, createGrowingBuffer } from '../device/matrixSource';
import { createSaeForward } from './saeForward';

/** Rows of one GPU step; longer inputs take several. */
const DEFAULT_ROWS = 2048;

/** Throws ConfigError if the SAE does not fit this device.
 *  @param o.rows rows of one GPU step; longer inputs take several
 *  @param o.capacity initial slots per row for architectures without k; grows automatically
 *  @param o.weights default exact */
export async function createSaeEncoder(
  context: GpuContext,
  params: SaeParams,
  o: EncoderOptions = {},
): Promise<SaeEncoder> {
  checkLengths(params);
  // At most so many rows that a code with every latent active still fits one binding.
  const fitting = Math.max(1, Math.floor(context.caps.storageBindingBytes / (4 * params.d_sae)));
  const stepRows = Math.min(o.rows ?? DEFAULT_ROWS, fitting);
  const weights = acquireEncoderWeights(context, params, o.weights ?? 'exact');
  const set = createBufferSet(context, 'sae_encoder');
  try {
    const run = await createStepRunner(context, set, weights, params, { ...o, stepRows });
    const upload = createGrowingBuffer(context, set, 'upload');
    return {
      encode: async (x, rowIndices) => {
        checkRowIndices(x, rowIndices, params.d_in);
        if (rowIndices.length === 0) return run.reader.join([]);
        const source = bindMatrix(x, upload);
        for (;;) {
          const parts = [];
          for (let first = 0; first < rowIndices.length; first += stepRows) {
            parts.push(run.step(source, rowIndices.subarray(first, first + stepRows)));
          }
          const codes = await Promise.all(parts);
          // A row has more active latents than slots: nothing is dropped, everything is encoded again.
          if (!(await run.reader.grow(codes))) return run.reader.join(codes);
        }
      },
      dispose: () => {
        run.dispose();
        set.dispose();
        weights.release();
      },
    };
  } catch (cause) {
    set.dispose();
    weights.release();
    throw cause;
  }
}

/** Returns a function that encodes up to `stepRows` rows at once. */
async function createStepRunner(
  context: GpuContext,
  set: BufferSet,
  weights: EncoderWeights,
  params: SaeParams,
  o: { stepRows: number; capacity?: number },
) {
  const { d_in, d_sae, applyBDecToInput } = params;
  const { stepRows } = o;
  const gather = await prepareGather(context, { from: 'rows', d_in, applyBDecToInput });
  const { W_enc, b_enc, b_dec, actScale, precision } = weights;
  const rowIndices = set.storage('rows', stepRows * 4);
  const gatherUniform = set.uniform('gather step', GATHER_STEP.byteLength);
  const isTopK = params.architecture === 'topk';
  const shape = { rows: stepRows, d_in, d_sae, k: isTopK ? params.k : 1 };
  const forward = await createSaeForward(
    context,
    shape,
    { W_enc, b_enc, actScale },
    { label: 'sae_encoder', precision, ...(isTopK ? {} : { select: 'none' }) },
  );
  const reader: CodeReader = await createCodeReader(context, set, { params, forward, ...o });
  const { xc } = forward.buffers;

  return {
    reader,
    /** Submits at once; resolves with the code of these rows. */
    step: (source: BindingSource, rows: Uint32Array) => {
      writeBuffer(context, rowIndices, rows);
      context.device.queue.writeBuffer(gatherUniform, 0, gatherStep({ rows: rows.length }));
      forward.setRows(rows.length);
      const bound = gather.bind({ source, rowIndices, b_dec, xc, step: gatherUniform });
      const encoder = context.device.createCommandEncoder({ label: 'sae_encoder' });
      forward.reset(encoder);
      reader.reset(encoder);
      const pass = encoder.beginComputePass({ label: 'sae_encoder' });
      bound.encode(pass, { rows: rows.length });
      forward.chunks().forEach((chunk, index) => {
        forward.encodeChunk(pass, index);
        reader.select(pass, index, chunk.rows);
      });
      pass.end();
      const read = reader.stage(encoder, rows.length);
      context.device.queue.submit([encoder.finish()]);
      return read();
    },
    dispose: forward.dispose,
  };
}
