// What an SAE's weights alone tell (sae.md §13, "core"). Knows shapes, no data.

/** Mean over latents of cos(W_enc[:, i], W_dec[i]); W_enc [d_in, d_sae], W_dec [d_sae, d_in]. Latents with
 *  a zero direction count as 0. Source: SAEBench core, encoder–decoder cosine similarity. */
export function encoderDecoderCosine(p: {
  d_in: number;
  d_sae: number;
  W_enc: Float32Array;
  W_dec: Float32Array;
}): number {
  let sum = 0;
  for (let latent = 0; latent < p.d_sae; latent++) {
    let dot = 0;
    let encoder = 0;
    let decoder = 0;
    for (let i = 0; i < p.d_in; i++) {
      const a = p.W_enc[i * p.d_sae + latent]!;
      const b = p.W_dec[latent * p.d_in + i]!;
      dot += a * b;
      encoder += a * a;
      decoder += b * b;
    }
    if (encoder > 0 && decoder > 0) sum += dot / Math.sqrt(encoder * decoder);
  }
  return sum / p.d_sae;
}
