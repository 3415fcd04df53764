// An SAE's encoder on the device, uploaded once for all kernels that read it and freed with the last. Live
// reading of text uses it compact: W_enc in f16 if the adapter has it, half the bytes. Training, evaluation
// and statistics use f32.
import { f16ToF32, f32ToF16 } from '../../core/numeric/float16';
import type { SaeParams } from '../../core/sae/sae';
import type { EncoderOptions } from '../../core/sae/saeEncoder';
import { createBufferSet, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import type { EncodePrecision } from '../kernels/saeEncode';
import { encoderShards } from './forwardPlan';
import { latentMajor, padColumns, strideOf } from './latentMajor';
import { shardRows } from './latentShards';

export type EncoderWeights = {
  /** of W_enc */
  precision: EncodePrecision;
  /** [count, dStride] of each shard (encoderShards), latent-major */
  W_enc: readonly GPUBuffer[];
  /** [d_sae] f32 */
  b_enc: GPUBuffer;
  /** [dStride] f32 */
  b_dec: GPUBuffer;
  /** [d_sae] f32; null: 1 everywhere (TopKParams) */
  actScale: GPUBuffer | null;
  /** Release it exactly once. */
  release: () => void;
};

type WeightForm = NonNullable<EncoderOptions['weights']>;

type Held = { set: BufferSet; buffers: Omit<EncoderWeights, 'release'>; users: number };

const held = {
  exact: new WeakMap<GpuContext, WeakMap<SaeParams, Held>>(),
  compact: new WeakMap<GpuContext, WeakMap<SaeParams, Held>>(),
};

/** The same buffers for the same params object on the same device in the same form. */
export function acquireEncoderWeights(
  context: GpuContext,
  params: SaeParams,
  form: WeightForm,
): EncoderWeights {
  // Without f16 both forms are the same.
  const forms = held[context.hasF16 ? form : 'exact'];
  const ofDevice = forms.get(context) ?? new WeakMap<SaeParams, Held>();
  forms.set(context, ofDevice);
  const found = ofDevice.get(params) ?? upload(context, params, form);
  ofDevice.set(params, found);
  found.users++;
  let isReleased = false;
  return {
    ...found.buffers,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      if (--found.users > 0) return;
      ofDevice.delete(params);
      found.set.dispose();
    },
  };
}

function upload(context: GpuContext, params: SaeParams, form: WeightForm): Held {
  const { d_in, d_sae } = params;
  const actScale = params.architecture === 'topk' ? params.actScale : undefined;
  const set = createBufferSet(context, 'encoder_weights');
  try {
    const W_enc = latentMajor(params.W_enc, { d_in, d_sae });
    const half = form === 'compact' && context.hasF16 ? halved(W_enc) : null;
    // Of two values in f16 to a word, a row is half as long.
    const [held, cols] = half === null ? [W_enc, strideOf(d_in)] : [half, strideOf(d_in) / 2];
    const buffers = {
      precision: half === null ? ('f32' as const) : ('f16' as const),
      W_enc: encoderShards(context.caps, params).map((shard) =>
        set.storage('W_enc', shardRows(held, shard, cols)),
      ),
      b_enc: set.storage('b_enc', params.b_enc),
      b_dec: set.storage('b_dec', padColumns(params.b_dec, d_in)),
      actScale: actScale === undefined ? null : set.storage('actScale', actScale),
    };
    return { set, buffers, users: 0 };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

/** ‖W − f16(W)‖ / ‖W‖ of weights in f16's normal range is about 0.0002; beyond this, some are too large
 *  for it or most too small. */
const MAX_ROUNDING = 0.001;

/** f16, two to a u32; null if f16 cannot represent these weights. */
function halved(W_enc: Float32Array): Uint32Array | null {
  const bits = f32ToF16(W_enc);
  const rounded = f16ToF32(bits);
  let error = 0;
  let size = 0;
  for (let i = 0; i < W_enc.length; i++) {
    error += (W_enc[i]! - rounded[i]!) ** 2;
    size += W_enc[i]! ** 2;
  }
  return error <= MAX_ROUNDING ** 2 * size ? new Uint32Array(bits.buffer) : null;
}
