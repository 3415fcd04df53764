// Encodes the few rows that a user asks about: on the GPU, or with the CPU twins if there is no device.
// Keeps the encoder of the SAE that was used last, so that typing uploads no weights. Knows no text.
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import { encodeRowsReference } from '../../core/reference/encodeRows';
import type { SaeParams, SparseCode } from '../../core/sae/sae';
import type { GpuContext } from '../../gpu/device/device';
import { createSaeEncoder, type SaeEncoder } from '../../gpu/sae/saeEncoder';
import type { EngineHosts } from '../hosts';
import { NoDeviceError } from '../problems';

export type LatentEncoder = {
  params: SaeParams;
  /** null: everything runs on the CPU */
  context: GpuContext | null;
  encode: (x: Matrix, rowIndices: Uint32Array) => Promise<SparseCode>;
};

export type LatentEncoders = {
  /** The SAE's encoder; the one of another SAE, or of a lost device, is freed. One caller at a time. */
  of: (saeId: string) => Promise<LatentEncoder>;
  /** Frees the encoder of a deleted SAE. */
  forget: (saeId: string) => void;
};

type Hosts = Pick<EngineHosts, 'device' | 'library'>;
type Held = { saeId: string; made: LatentEncoder; gpu: SaeEncoder | null };

export function createLatentEncoders({ device, library }: Hosts): LatentEncoders {
  let held: Held | null = null;
  const drop = () => {
    held?.gpu?.dispose();
    held = null;
  };
  return {
    async of(saeId) {
      const context = await acquireOrNull(device);
      if (held?.saeId === saeId && held.made.context === context) return held.made;
      drop();
      const params = await library.params(saeId);
      if (context === null) {
        held = { saeId, made: { params, context, encode: encodeOnCpu(params) }, gpu: null };
        return held.made;
      }
      const gpu = await createSaeEncoder(context, params, { rows: 256, weights: 'compact' });
      held = { saeId, made: { params, context, encode: gpu.encode }, gpu };
      return held.made;
    },
    forget(saeId) {
      if (held?.saeId === saeId) drop();
    },
  };
}

async function acquireOrNull(device: Hosts['device']): Promise<GpuContext | null> {
  try {
    return await device.acquire();
  } catch (cause) {
    if (cause instanceof NoDeviceError) return null;
    throw cause;
  }
}

function encodeOnCpu(params: SaeParams): LatentEncoder['encode'] {
  return (x, rowIndices) => {
    invariant(x.where === 'cpu', 'a GPU matrix without a GPU device');
    return Promise.resolve(encodeRowsReference(params, x, rowIndices));
  };
}

/** One latent's activation on each row of a code, [n]. */
export function latentColumn(code: SparseCode, rows: number, latentIndex: number): Float32Array {
  const acts = new Float32Array(rows);
  for (let slot = 0; slot < code.latentIndices.length; slot++) {
    if (code.latentIndices[slot] !== latentIndex) continue;
    acts[Math.floor(slot / code.k)] = code.latentActs[slot] ?? 0;
  }
  return acts;
}
