// BatchTopK's one inference threshold, set so that a wanted number of latents is active on given tokens
// (sae.md §4, the optional recalibration): puts sides whose running estimates lag differently at equal L0.
import type { JumpReluParams } from '../../src/core/sae/sae';

/** params: folded, as parseSaeLens returns them (unit rows: h is h·n). x: [rows, d_in], model units. */
export function recalibrate(params: JumpReluParams, x: Float32Array, l0: number): JumpReluParams {
  const { d_in, d_sae, W_enc, b_enc, b_dec, applyBDecToInput } = params;
  const rows = x.length / d_in;
  const active: number[] = [];
  const h = new Float64Array(d_sae);
  for (let row = 0; row < rows; row++) {
    h.set(b_enc);
    for (let i = 0; i < d_in; i++) {
      const xc = x[row * d_in + i]! - (applyBDecToInput ? b_dec[i]! : 0);
      for (let latent = 0; latent < d_sae; latent++) h[latent]! += xc * W_enc[i * d_sae + latent]!;
    }
    for (const value of h) if (value > 0) active.push(value);
  }
  const sorted = Float64Array.from(active).sort();
  // The first value that must not fire; 0 where fewer fire than wanted.
  const theta = sorted[sorted.length - 1 - Math.floor(l0 * rows)] ?? 0;
  return { ...params, threshold: new Float32Array(d_sae).fill(theta) };
}
