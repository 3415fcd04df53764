// ReLU-L1, Gated and JumpReLU as an ArchitectureStep (sae.md §5–7): every latent of every row takes part,
// so products of matrices replace the sparse code.
import { hasUnitDecoder } from '../../../core/sae/architecture';
import { denseLossAt, type DenseConfig } from '../../../core/train/denseLoss';
import { learningRate } from '../../../core/sae/sae';
import type { StepMetrics } from '../../../core/train/trainerState';
import {
  createDenseBuffers,
  denseParameters,
  readDenseState,
  type DenseBuffers,
} from '../denseBuffers';
import { bindDenseStep, prepareDenseKernels } from '../denseKernels';
import { makeDensePlan, type DensePlan, type DenseSettings } from '../densePlan';
import { denseStep, DENSE_STEP } from '../../kernels/denseStep';
import { DENSE_METRICS_WORDS, parseDenseMetrics } from '../../kernels/denseStats';
import { gatherStep } from '../../kernels/gather';
import { createSaeForward, type SaeForward } from '../../sae/saeForward';
import type { CreateStep } from './architecture';

function denseSettings(config: DenseConfig): DenseSettings {
  return {
    d_in: config.d_in,
    d_sae: config.d_sae,
    rows: config.batchSize,
    loss: denseLossAt(config, 0),
    decoderNorm: hasUnitDecoder(config) ? 'unit' : 'free',
    applyBDecToInput: config.applyBDecToInput,
    beta1: config.adamBeta1,
    beta2: config.adamBeta2,
    eps: config.adamEps,
    deadAfterTokens: config.deadAfterTokens,
    clipNorm: config.clipNorm,
  };
}

export const createDenseStep: CreateStep<DenseConfig> = async (context, o) => {
  const { config, calibration } = o;
  const plan = makeDensePlan(context.caps, denseSettings(config));
  const kernels = await prepareDenseKernels(context, plan);
  const { set, buffers } = createDenseBuffers(context, plan, o.state);
  let forward: SaeForward | null = null;
  try {
    const made = await createSaeForward(context, plan.forward, forwardWeights(buffers, plan), {
      label: 'dense_forward',
      select: 'none',
      tuning: o.tuning,
    });
    forward = made;
    const step = set.uniform('step', DENSE_STEP.byteLength);
    const shared = { plan, kernels, buffers, set, step, forward: made };
    const bound = bindDenseStep({
      ...shared,
      ring: o.ring.buffer,
      gatherStep: set.uniform('gather step', gatherStep({ rows: plan.rows })),
    });
    return {
      dispatches: bound.step,
      parameters: denseParameters(buffers, plan),
      errors: { dispatches: bound.forward, gradient: buffers.gradient },
      rowIndices: buffers.rowIndices,
      writeStep: (count) => {
        const lr = learningRate(config, count);
        const uniform = denseStep(plan, { step: count, lr, loss: denseLossAt(config, count) });
        context.device.queue.writeBuffer(step, 0, uniform);
      },
      reset: made.reset,
      metrics: {
        buffer: buffers.metrics,
        byteLength: DENSE_METRICS_WORDS * 4,
        parse: (bytes, count) => stepMetrics(bytes, plan, count, calibration.variance),
      },
      latents: null,
      readState: (count) => readDenseState(context, plan, buffers, count),
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
};

/** Gated's u has no bias: its gate and its magnitude each add their own. */
function forwardWeights({ W_enc, vectors, noBias }: DenseBuffers, { d_sae, loss }: DensePlan) {
  const b_enc = loss.kind === 'gated' ? noBias : { buffer: vectors, offset: 0, size: 4 * d_sae };
  return { W_enc: [W_enc], b_enc };
}

function stepMetrics(
  bytes: ArrayBuffer,
  { rows }: DensePlan,
  step: number,
  variance: number,
): StepMetrics {
  const { mse, sparsityLoss, auxLoss, l0, deadCount, nanCount } = parseDenseMetrics(bytes, rows);
  return {
    step,
    loss: mse + sparsityLoss + auxLoss,
    mse,
    l0,
    explainedVariance: 1 - mse / variance,
    auxLoss,
    sparsityLoss,
    deadCount,
    auxSilent: 0,
    overflowRows: 0,
    nanCount,
  };
}
