// Small folded SAEs of every architecture for tests of steering.
import type { SaeParams } from '../../../src/core/sae/sae';
import { unitVector } from '../../../src/core/numeric/vectors';
import { makeRng } from '../../../src/core/numeric/rng';

/** About half of the latents of a ruled SAE fire on a Gaussian row, 12 of a TopK one. */
export function makeSteerSae(
  architecture: SaeParams['architecture'],
  o: { d: number; d_sae: number; seed: number },
): SaeParams {
  const rng = makeRng(o.seed);
  const normal = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * rng.normal());
  const { d, d_sae } = o;
  const W_dec = normal(d_sae * d, 1);
  for (let latent = 0; latent < d_sae; latent++) {
    const row = W_dec.subarray(latent * d, (latent + 1) * d);
    row.set(unitVector(row));
  }
  const shared = {
    d_in: d,
    d_sae,
    W_dec,
    W_enc: normal(d * d_sae, 1 / Math.sqrt(d)),
    b_enc: normal(d_sae, 0.1),
    b_dec: normal(d, 0.3),
    applyBDecToInput: true,
  };
  switch (architecture) {
    case 'topk':
      return { ...shared, architecture, k: Math.min(12, d_sae) };
    case 'relu':
      return { ...shared, architecture };
    case 'jumprelu':
      return { ...shared, architecture, threshold: normal(d_sae, 0.3) };
    case 'gated':
      return {
        ...shared,
        b_enc: new Float32Array(d_sae),
        architecture,
        b_gate: normal(d_sae, 0.3),
        b_mag: normal(d_sae, 0.3),
        r_mag: normal(d_sae, 0.3),
      };
    default:
      return architecture satisfies never;
  }
}
