// A folded SAE for inference: rows of the residual stream in, sparse code out on the CPU. Training uses
// saeForward itself.
import { ShapeError } from '../core/errors';
import type { Matrix } from '../core/handles';
import type { SaeParams, SparseCode } from '../core/sae';
import type { BindingSource } from './bindingLayout';
import { createBufferSet, writeBuffer, type BufferSet } from './buffers';
import type { GpuContext } from './device';
import { GATHER_STEP_BYTES, gatherGrid, gatherStep, prepareGather } from './kernels/gather';
import { latentMajor, padColumns } from './latentMajor';
import { bindMatrix, checkRowIndices, createGrowingBuffer } from './matrixSource';
import { createSaeForward } from './saeForward';

export type SaeEncoder = {
  /** Encodes x[rowIndices] (x in model units, [*, d_in]); slot order follows rowIndices. Throws
   *  ShapeError on another width or a row outside. */
  encode: (x: Matrix, rowIndices: Uint32Array) => Promise<SparseCode>;
  dispose: () => void;
};

/** Rows of one GPU step; longer inputs take several. */
const DEFAULT_ROWS = 2048;

/** Throws ConfigError where the SAE does not fit this device.
 *  @param o.rows rows of one GPU step; longer inputs take several */
export async function createSaeEncoder(
  context: GpuContext,
  params: SaeParams,
  o: { rows?: number } = {},
): Promise<SaeEncoder> {
  checkLengths(params);
  const { d_in, k } = params;
  const stepRows = o.rows ?? DEFAULT_ROWS;
  const set = createBufferSet(context, 'sae_encoder');
  try {
    const run = await createStepRunner(context, set, params, stepRows);
    const upload = createGrowingBuffer(context, set, 'upload');
    return {
      encode: async (x, rowIndices) => {
        checkRowIndices(x, rowIndices, d_in);
        const code = {
          k,
          latentIndices: new Uint32Array(rowIndices.length * k),
          latentActs: new Float32Array(rowIndices.length * k),
        };
        if (rowIndices.length === 0) return code;
        const source = bindMatrix(x, upload);
        const parts = [];
        // All parts are submitted before the first await: x may be reused by its owner after that.
        for (let first = 0; first < rowIndices.length; first += stepRows) {
          parts.push(run.step(source, rowIndices.subarray(first, first + stepRows)));
        }
        (await Promise.all(parts)).forEach(([indices, acts], i) => {
          code.latentIndices.set(new Uint32Array(indices), i * stepRows * k);
          code.latentActs.set(new Float32Array(acts), i * stepRows * k);
        });
        return code;
      },
      dispose: () => {
        run.dispose();
        set.dispose();
      },
    };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

/** Uploads the weights and returns what encodes up to `stepRows` rows at once. */
async function createStepRunner(
  context: GpuContext,
  set: BufferSet,
  params: SaeParams,
  stepRows: number,
) {
  const { d_in, d_sae, k, applyBDecToInput } = params;
  const gather = await prepareGather(context, { from: 'rows', d_in, applyBDecToInput });
  const W_enc = set.storage('W_enc', latentMajor(params.W_enc, { d_in, d_sae }));
  const b_enc = set.storage('b_enc', params.b_enc);
  const b_dec = set.storage('b_dec', padColumns(params.b_dec, d_in));
  const rowIndices = set.storage('rows', stepRows * 4);
  const gatherUniform = set.uniform('gather step', GATHER_STEP_BYTES);
  const shape = { rows: stepRows, d_in, d_sae, k };
  const forward = await createSaeForward(
    context,
    shape,
    { W_enc, b_enc },
    { label: 'sae_encoder' },
  );
  const { xc, latentIndices, latentActs } = forward.buffers;

  return {
    /** Submits at once; resolves with the bytes of latentIndices and latentActs, [rows, k]. */
    step: (source: BindingSource, rows: Uint32Array) => {
      writeBuffer(context, rowIndices, rows);
      context.device.queue.writeBuffer(gatherUniform, 0, gatherStep({ rows: rows.length }));
      forward.setRows(rows.length);
      const bound = gather.bind({ source, rowIndices, b_dec, xc, step: gatherUniform });
      const encoder = context.device.createCommandEncoder({ label: 'sae_encoder' });
      forward.reset(encoder);
      const pass = encoder.beginComputePass({ label: 'sae_encoder' });
      bound.encode(pass, gatherGrid(rows.length, d_in), [0]);
      for (const index of forward.chunks().keys()) forward.encodeChunk(pass, index);
      pass.end();
      const byteLength = rows.length * k * 4;
      const staged = [latentIndices, latentActs].map((buffer) =>
        context.staging.stage(encoder, buffer, byteLength),
      );
      context.device.queue.submit([encoder.finish()]);
      return Promise.all(staged.map((read) => read.read())) as Promise<[ArrayBuffer, ArrayBuffer]>;
    },
    dispose: forward.dispose,
  };
}

function checkLengths(p: SaeParams): void {
  const expected = {
    W_enc: p.d_in * p.d_sae,
    b_enc: p.d_sae,
    b_dec: p.d_in,
  };
  for (const [name, length] of Object.entries(expected)) {
    const actual = p[name as keyof typeof expected].length;
    if (actual !== length) {
      throw new ShapeError(
        `${name}: ${actual} values, expected ${length} for d_in ${p.d_in}, d_sae ${p.d_sae}`,
      );
    }
  }
}
