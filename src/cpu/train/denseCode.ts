// Which latents of a row take part in a step of ReLU-L1, Gated or JumpReLU: those whose activation, gradient or
// threshold depends on that row. All others add nothing, so they are left out, and the step is computed from a
// sparse code like TopK's.
import type { ExtraName } from '../../core/sae/stateShape';
import type { DenseLoss } from '../../core/train/denseLoss';

/** Slots of a batch, rows one after another; of each row first those that a product with W_dec concerns. */
export type DenseSlots = {
  /** [rows + 1] */
  starts: Uint32Array;
  /** [rows]: end of each row's slots whose gradient needs W_dec */
  decoded: Uint32Array;
  latents: Uint32Array;
  /** f of each slot */
  acts: Float32Array;
  /** the pre-activation: h, or Gated's u */
  preActs: Float32Array;
  /** Gated: ReLU(π_g) of each slot; otherwise empty */
  gateActs: Float32Array;
};

export type LatentVectors = Record<'b_enc' | ExtraName, Float32Array>;

/** Appends the slots of row `row`, whose pre-activations are h [d_sae]. dead: the previous step's dead latents. */
export function addDenseSlots(
  slots: DenseSlots,
  row: number,
  h: Float32Array,
  o: { loss: DenseLoss; vectors: LatentVectors; dead: Uint32Array },
): void {
  const { loss, vectors, dead } = o;
  let end = slots.starts[row]!;
  const put = (latent: number, act: number, gateAct: number) => {
    slots.latents[end] = latent;
    slots.acts[end] = act;
    slots.preActs[end] = h[latent]!;
    if (loss.kind === 'gated') slots.gateActs[end] = gateAct;
    end++;
  };
  switch (loss.kind) {
    case 'relu':
      for (let latent = 0; latent < h.length; latent++) {
        if (h[latent]! > 0) put(latent, h[latent]!, 0);
      }
      break;
    case 'gated':
      for (let latent = 0; latent < h.length; latent++) {
        const u = h[latent]!;
        const gateAct = u + vectors.b_enc[latent]!;
        if (!(gateAct > 0)) continue;
        const magnitude = Math.exp(vectors.r_mag[latent]!) * u + vectors.b_mag[latent]!;
        put(latent, Math.max(magnitude, 0), gateAct);
      }
      break;
    case 'jumprelu': {
      const half = loss.bandwidth / 2;
      const isDecoded = (latent: number) => {
        const raw = vectors.threshold[latent]!;
        const T = Math.max(raw, 0);
        return h[latent]! > T || (raw > 0 && Math.abs(h[latent]! - T) < half);
      };
      for (let latent = 0; latent < h.length; latent++) {
        if (!isDecoded(latent)) continue;
        const isActive = h[latent]! > Math.max(vectors.threshold[latent]!, 0);
        put(latent, isActive ? h[latent]! : 0, 0);
      }
      slots.decoded[row] = end;
      // Pushed towards their threshold, whatever they would rebuild.
      for (const latent of dead) {
        if (vectors.threshold[latent]! > h[latent]! && !isDecoded(latent)) put(latent, 0, 0);
      }
      slots.starts[row + 1] = end;
      return;
    }
  }
  slots.decoded[row] = end;
  slots.starts[row + 1] = end;
}
