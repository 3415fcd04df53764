// Encodes the few rows that a user asks about.
// Keeps the encoder of the SAE that was used last, so that typing uploads no weights. Knows no text.
import type { Matrix } from '../../core/handles';
import type { SaeParams, SparseCode } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { GpuContext } from '../../gpu/device/device';
import type { EngineHosts } from '../hosts';
import { NoDeviceError } from '../problems';

export type LatentEncoder = {
  params: SaeParams;
  /** null: there is no GPU */
  context: GpuContext | null;
  encode: (x: Matrix, rowIndices: Uint32Array) => Promise<SparseCode>;
};

export type LatentEncoders = {
  /** The SAE's encoder; the one of another SAE, or of a lost device, is freed. One caller at a time. */
  of: (saeId: string) => Promise<LatentEncoder>;
  /** Frees the encoder of a deleted SAE. */
  forget: (saeId: string) => void;
  /** Frees what is held. */
  dispose: () => void;
};

type Hosts = Pick<EngineHosts, 'device' | 'library'>;
type Held = { saeId: string; backend: SaeBackend; made: LatentEncoder; encoder: SaeEncoder };

export function createLatentEncoders({ device, library }: Hosts): LatentEncoders {
  let held: Held | null = null;
  const drop = () => {
    held?.encoder.dispose();
    held = null;
  };
  return {
    async of(saeId) {
      const context = await acquireOrNull(device);
      const backend = await device.sae();
      const isSame = held?.backend === backend && held.made.context === context;
      if (held?.saeId === saeId && isSame) return held.made;
      drop();
      const params = await library.params(saeId);
      const encoder = await backend.createEncoder(params, { rows: 256, weights: 'compact' });
      held = { saeId, backend, made: { params, context, encode: encoder.encode }, encoder };
      return held.made;
    },
    forget(saeId) {
      if (held?.saeId === saeId) drop();
    },
    dispose: drop,
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

/** One latent's activation on each row of a code, [n]. */
export function latentColumn(code: SparseCode, rows: number, latentIndex: number): Float32Array {
  const acts = new Float32Array(rows);
  for (let slot = 0; slot < code.latentIndices.length; slot++) {
    if (code.latentIndices[slot] !== latentIndex) continue;
    acts[Math.floor(slot / code.k)] = code.latentActs[slot] ?? 0;
  }
  return acts;
}
