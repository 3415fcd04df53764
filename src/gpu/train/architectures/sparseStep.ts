// What TopK, transcoder, BatchTopK and Matryoshka have in common as an ArchitectureStep: buffers, forward pass,
// uniforms, metrics. Each defines its own dispatches.
import type { SparseCode, SparseConfig } from '../../../core/sae/sae';
import { invariant } from '../../../core/errors';
import { stateShape } from '../../../core/sae/stateShape';
import { readF32, type BufferSet } from '../../device/buffers';
import type { Dispatch } from '../../device/defineKernel';
import type { GpuContext } from '../../device/device';
import { gatherStep } from '../../kernels/gather';
import { METRICS_WORDS, parseMetrics } from '../../kernels/stepStats';
import { TRAINER_STEP, trainerStep } from '../../kernels/trainerStep';
import { createSaeForward, type SaeForward } from '../../sae/saeForward';
import { createTrainerBuffers } from '../trainerBuffers';
import { isSharded, prepareSharedKernels, type SharedBindings } from '../trainerKernels';
import type { TrainerPlan } from '../trainerPlan';
import { matrixParameters, readWeights } from '../../sae/weightBuffers';
import type { ArchitectureStep, StepOptions } from './architecture';

type SparseOptions = StepOptions<SparseConfig> & { plan: TrainerPlan };

/** readCode: of the step enqueued last. */
type SparseBinding = { dispatches: Dispatch[]; readCode: () => Promise<SparseCode> };

/** `bind` may add buffers of its own to `set`. */
export async function createSparseStep(
  context: GpuContext,
  o: SparseOptions,
  bind: (shared: SharedBindings, set: BufferSet) => SparseBinding | Promise<SparseBinding>,
): Promise<ArchitectureStep> {
  const { plan, config, calibration } = o;
  const kernels = await prepareSharedKernels(context, plan);
  const { set, buffers } = createTrainerBuffers(context, plan, o.state);
  let forward: SaeForward | null = null;
  try {
    const b_enc = { buffer: buffers.encoderBias, offset: 0, size: 4 * plan.d_sae };
    const select = plan.forward.select === 'none' ? { select: 'none' as const } : {};
    const weights = { W_enc: buffers.shards.map(({ W_enc }) => W_enc), b_enc };
    const made = await createSaeForward(context, plan.forward, weights, {
      ...select,
      shards: plan.forward.shards,
      tuning: o.tuning,
    });
    forward = made;
    const step = set.uniform('step', TRAINER_STEP.byteLength);
    const gatherUniform = set.uniform('gather step', gatherStep({ rows: plan.rows }));
    const targets = config.architecture === 'transcoder' ? o.targets.buffer : null;
    const shared = { plan, kernels, forward: made, buffers, step, ring: o.ring.buffer, targets };
    const { dispatches, readCode } = await bind({ ...shared, gatherStep: gatherUniform }, set);
    const { rows, levels } = plan;
    return {
      dispatches,
      rowIndices: buffers.rowIndices,
      writeStep: (count) => {
        const { variance } = calibration;
        const uniform = trainerStep(config, { variance, levels, step: count });
        context.device.queue.writeBuffer(step, 0, uniform);
      },
      reset: (encoder) => {
        made.reset(encoder);
        encoder.clearBuffer(buffers.counts);
        // decode_shard adds to it.
        if (isSharded(plan)) encoder.clearBuffer(buffers.gradient);
      },
      metrics: {
        buffer: buffers.metrics,
        byteLength: METRICS_WORDS * 4,
        parse: (bytes, count) => {
          const { variance } = calibration;
          return parseMetrics(bytes, { step: count, rows, levels, variance });
        },
      },
      errors: null,
      parameters: [
        ...matrixParameters(buffers, plan.d_in),
        {
          name: 'b_enc',
          buffer: buffers.encoderBias,
          first: 0,
          count: plan.d_sae,
          cols: plan.d_sae,
        },
      ],
      latents: {
        readCode,
        readDecoderRow: async (latentIndex) => {
          const shard = buffers.shards.findLast(({ first }) => first <= latentIndex);
          invariant(shard !== undefined, `no shard of latent ${latentIndex}`);
          const offset = plan.dStride * (latentIndex - shard.first);
          return readF32(context, shard.W_dec, config.d_in, 4 * offset);
        },
      },
      readState: (count) =>
        readWeights(context, buffers, {
          ...plan,
          step: count,
          runningCount: stateShape(config.architecture).running,
        }),
      byteLength: () => set.byteLength() + made.byteLength(),
      dispose: () => {
        made.dispose();
        set.dispose();
      },
    };
  } catch (cause) {
    forward?.dispose();
    set.dispose();
    throw cause;
  }
}
