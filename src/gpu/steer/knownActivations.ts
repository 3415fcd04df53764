// f of chosen latents of a TopK SAE, kept on the GPU: the whole code of the listed rows is computed, because
// whether a latent is among the k strongest depends on all of them. Knows nothing about steering.
import type { BindingSource } from '../device/bindingLayout';
import type { TopKParams } from '../../core/sae/sae';
import { createBufferSet, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { acquireEncoderWeights, type EncoderWeights } from '../sae/encoderWeights';
import { GATHER_STEP, gatherStep, prepareGather } from '../kernels/gather';
import { PICK_STEP, pickLatents, pickStep } from '../kernels/pickLatents';
import { createSaeForward } from '../sae/saeForward';

export type KnownActivations = {
  /** Records, into a pass of its own, the code of x's listed rows and the picking of its latents. */
  encode: (encoder: GPUCommandEncoder, x: BindingSource, rows: number) => void;
  dispose: () => void;
};

export type KnownActivationsOptions = {
  params: TopKParams;
  maxRows: number;
  /** u32, the rows to read, filled by the caller */
  rowIndices: GPUBuffer;
  /** f32 [slots, maxRows], takes the activations */
  acts: GPUBuffer;
  /** latents, and the row of `acts` for each */
  wanted: readonly { latentIndex: number; slot: number }[];
};

export async function createKnownActivations(
  context: GpuContext,
  o: KnownActivationsOptions,
): Promise<KnownActivations> {
  const weights = acquireEncoderWeights(context, o.params, 'compact');
  const set = createBufferSet(context, 'known_activations');
  try {
    const run = await prepareRun(context, set, weights, o);
    return {
      encode: run.encode,
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

async function prepareRun(
  context: GpuContext,
  set: BufferSet,
  weights: EncoderWeights,
  o: KnownActivationsOptions,
) {
  const { params, maxRows, wanted } = o;
  const { d_in, d_sae, k, applyBDecToInput } = params;
  const [gather, pick] = await Promise.all([
    prepareGather(context, { from: 'rows', d_in, applyBDecToInput }),
    pickLatents.prepare(context, { overrides: {} }),
  ]);
  const shape = { rows: maxRows, d_in, d_sae, k };
  const { W_enc, b_enc, b_dec, actScale, precision } = weights;
  const options = { label: 'steer_code', precision };
  const forward = await createSaeForward(context, shape, { W_enc, b_enc, actScale }, options);
  const { xc, latentIndices, latentActs } = forward.buffers;
  const gatherUniform = set.uniform('gather step', GATHER_STEP.byteLength);
  const pickUniform = set.uniform('pick step', PICK_STEP.byteLength);
  const picked = pick.bind({ latentIndices, latentActs, acts: o.acts, step: pickUniform });
  const write = context.device.queue;
  return {
    encode: (encoder: GPUCommandEncoder, source: BindingSource, rows: number) => {
      write.writeBuffer(gatherUniform, 0, gatherStep({ rows }));
      write.writeBuffer(pickUniform, 0, pickStep({ rows, k, maxRows, wanted }));
      forward.setRows(rows);
      const bound = gather.bind({
        source,
        rowIndices: o.rowIndices,
        b_dec,
        xc,
        step: gatherUniform,
      });
      forward.reset(encoder);
      const pass = encoder.beginComputePass({ label: 'steer_code' });
      bound.encode(pass, { rows });
      forward.chunks().forEach((_, index) => {
        forward.encodeChunk(pass, index);
      });
      picked.encode(pass, { rows, wanted: wanted.length });
      pass.end();
    },
    dispose: forward.dispose,
  };
}
