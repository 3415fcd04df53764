// An SAE's encoder on the device, uploaded once however many kernels read it, and freed with the last.
import type { SaeParams } from '../core/sae';
import { createBufferSet, type BufferSet } from './buffers';
import type { GpuContext } from './device';
import { latentMajor, padColumns } from './latentMajor';

export type EncoderWeights = {
  /** [d_sae, dStride] f32, latent-major */
  W_enc: GPUBuffer;
  /** [d_sae] f32 */
  b_enc: GPUBuffer;
  /** [dStride] f32 */
  b_dec: GPUBuffer;
  /** Give it back once. */
  release: () => void;
};

type Held = { set: BufferSet; buffers: Omit<EncoderWeights, 'release'>; users: number };

const held = new WeakMap<GpuContext, WeakMap<SaeParams, Held>>();

/** The same buffers for the same params object on the same device. */
export function acquireEncoderWeights(context: GpuContext, params: SaeParams): EncoderWeights {
  const ofDevice = held.get(context) ?? new WeakMap<SaeParams, Held>();
  held.set(context, ofDevice);
  const found = ofDevice.get(params) ?? upload(context, params);
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

function upload(context: GpuContext, params: SaeParams): Held {
  const { d_in, d_sae } = params;
  const set = createBufferSet(context, 'encoder_weights');
  try {
    const buffers = {
      W_enc: set.storage('W_enc', latentMajor(params.W_enc, { d_in, d_sae })),
      b_enc: set.storage('b_enc', params.b_enc),
      b_dec: set.storage('b_dec', padColumns(params.b_dec, d_in)),
    };
    return { set, buffers, users: 0 };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}
