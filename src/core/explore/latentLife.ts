// One latent through training: its state at each saved step, when it took its final direction, when it
// died. Pure.
import { cosine, dot, norm } from '../numeric/vectors';
import { ruledActivation, topKActivation } from '../sae/latentActivation';
import { decoderRow, encoderColumn } from '../sae/latentWeights';
import type { SaeParams } from '../sae/sae';
import type { LatentMoment, Snapshot } from '../sae/snapshots';

/** A latent is born at the step from which its direction stays within this cosine of the final one. */
export const BIRTH_COSINE = 0.5;

export type LatentFrame = LatentMoment & {
  /** ‖w_enc‖ of the folded SAE: activation per unit of residual along its best direction */
  encoderNorm: number;
  /** the other latent with the closest decoder direction at this step; null in an SAE with one latent */
  nearest: { latentIndex: number; cosine: number } | null;
};

/** birth: first saved step from which the direction stays near the final one; null: it never had another
 *  direction, or no step was saved. death: first step of its final silence; null: it was alive at the
 *  end. */
export function latentLife(moments: readonly LatentMoment[]): {
  birth: number | null;
  death: number | null;
} {
  const lastApart = moments.findLastIndex(({ decoderCosine }) => decoderCosine < BIRTH_COSINE);
  const lastAlive = moments.findLastIndex(({ isDead }) => !isDead);
  return {
    birth: moments[lastApart + 1]?.step ?? null,
    death: moments[lastAlive + 1]?.step ?? null,
  };
}

/** Births of all latents at once, by the rule of latentLife. W_dec: [d_sae, d_in] of the last snapshot. */
export function makeBirths(last: Pick<SaeParams, 'W_dec' | 'd_sae' | 'd_in'>) {
  const { d_sae } = last;
  const steps: (number | null)[] = new Array<number | null>(d_sae).fill(null);
  return {
    steps,
    /** Snapshots ascend by step, the last one included. */
    add: ({ step, params }: Pick<Snapshot, 'step' | 'params'>) => {
      for (let latent = 0; latent < d_sae; latent++) {
        const apart = cosine(decoderRow(params, latent), decoderRow(last, latent));
        if (apart < BIRTH_COSINE) steps[latent] = null;
        else steps[latent] ??= step;
      }
    },
  };
}

export function frameOf(moment: LatentMoment, { params }: Snapshot, latent: number): LatentFrame {
  return {
    ...moment,
    encoderNorm: norm(encoderColumn(params, latent)),
    nearest: nearestDirection(params, latent),
  };
}

function nearestDirection(params: SaeParams, latent: number): LatentFrame['nearest'] {
  const own = decoderRow(params, latent);
  let best: LatentFrame['nearest'] = null;
  for (let other = 0; other < params.d_sae; other++) {
    if (other === latent) continue;
    // Folded: rows are unit vectors, or zero.
    const along = dot(decoderRow(params, other), own);
    if (best === null || along > best.cosine) best = { latentIndex: other, cosine: along };
  }
  return best;
}

/** One latent's activation on each row of x [n, d_in], model units. TopK keeps it only where few others are
 *  stronger: this is before that selection. */
export function latentBids(params: SaeParams, latent: number, x: Float32Array): Float32Array {
  const { W_enc, b_enc, b_dec, d_in, d_sae, applyBDecToInput } = params;
  return Float32Array.from({ length: x.length / d_in }, (_, row) => {
    let h = b_enc[latent]!;
    for (let i = 0; i < d_in; i++) {
      const centre = applyBDecToInput ? b_dec[i]! : 0;
      h += (x[row * d_in + i]! - centre) * W_enc[i * d_sae + latent]!;
    }
    return params.architecture === 'topk'
      ? topKActivation(h, latent, params)
      : ruledActivation(h, latent, params);
  });
}
