// Sizes of one dense training run (ReLU-L1, Gated, JumpReLU) on the GPU: pure arithmetic over shape and a
// device's caps; allocates nothing.
import { LATENT_VECTORS, type DenseLoss } from '../../core/train/denseLoss';
import { ConfigError } from '../../core/errors';
import type { GpuCaps } from '../device/device';
import { strideOf } from '../sae/latentMajor';
import { makeForwardPlan, type ForwardPlan } from '../sae/forwardPlan';
import { DENSE_SLOTS, type DecoderNorm, type DenseVariant } from '../kernels/denseVariants';

export type DenseSettings = {
  d_in: number;
  d_sae: number;
  /** tokens per step (B) */
  rows: number;
  /** its penalties may change from step to step, the rest is fixed */
  loss: DenseLoss;
  decoderNorm: DecoderNorm;
  applyBDecToInput: boolean;
  beta1: number;
  beta2: number;
  eps: number;
  deadAfterTokens: number;
  /** global norm of the gradients after projection; 0: no clip */
  clipNorm: number;
};

export type DensePlan = DenseSettings & {
  /** row chunks and strides, as for every encoder; its groups and k are unused */
  forward: ForwardPlan;
  variant: DenseVariant;
  dStride: number;
  /** vec4 per row of width d_in, of width d_sae */
  d4: number;
  n4: number;
  /** rows per part of column sums */
  partRows: number;
  /** parts of a chunk, of the batch */
  chunkParts: number;
  rowParts: number;
  /** latents per part of dense_bdec_path, and how many parts */
  partLatents: number;
  latentParts: number;
  /** sums over rows per latent */
  slots: number;
  /** latent vectors (V) */
  vectors: number;
  /** first word of the squared norms in latentGradients; the clip's factor comes after them */
  normsAt: number;
  deadAfter: number;
};

const PART_ROWS = 64;
const PART_LATENTS = 64;
/** tokensSinceFired stops one below. */
const U32_MAX = 0xffffffff;

/** Throws ConfigError if a buffer exceeds one binding of this device. */
export function makeDensePlan(
  caps: Pick<GpuCaps, 'storageBindingBytes'>,
  settings: DenseSettings,
): DensePlan {
  const { d_in, d_sae, rows, loss } = settings;
  const most = Math.floor(caps.storageBindingBytes / (8 * strideOf(d_in)));
  if (d_sae > most) {
    throw new ConfigError(
      `d_sae: Adam's moments of ${d_sae} latents of width ${d_in} exceed one GPU binding of ${caps.storageBindingBytes} bytes; of this architecture d_sae can be at most ${most} on this adapter, of TopK, BatchTopK and Matryoshka it can be more`,
      'd_sae',
    );
  }
  const forward = makeForwardPlan(caps, { rows, d_in, d_sae, k: 1 }, { select: 'none' });
  const { dStride, nStride, chunkRows } = forward;
  const rowBytes = rows * dStride * 4;
  if (rowBytes > caps.storageBindingBytes) {
    throw new ConfigError(
      `batchSize: the gradients of ${rows} rows of width ${d_in} take ${rowBytes} bytes, one GPU binding of this adapter ${caps.storageBindingBytes}; choose a smaller batchSize`,
      'batchSize',
    );
  }
  const vectors = LATENT_VECTORS[loss.kind].length;
  return {
    ...settings,
    forward,
    variant: loss.kind === 'jumprelu' ? `jumprelu ${loss.mode}` : loss.kind,
    dStride,
    d4: dStride / 4,
    n4: nStride / 4,
    partRows: PART_ROWS,
    chunkParts: Math.ceil(chunkRows / PART_ROWS),
    rowParts: Math.ceil(rows / PART_ROWS),
    partLatents: PART_LATENTS,
    latentParts: Math.ceil(d_sae / PART_LATENTS),
    slots: DENSE_SLOTS[loss.kind],
    vectors,
    normsAt: vectors * d_sae,
    deadAfter: Math.min(settings.deadAfterTokens, U32_MAX),
  };
}

/** Constants of JumpReLU that the kernels treat as fixed; 1 for losses without them. */
export function jumpConstants({ loss }: DenseSettings) {
  return loss.kind === 'jumprelu'
    ? { bandwidth: loss.bandwidth, tanh_scale: loss.tanhScale, target_l0: loss.targetL0 }
    : { bandwidth: 1, tanh_scale: 1, target_l0: 1 };
}
