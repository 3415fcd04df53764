// Metrics of an SAE's weights alone (sae.md §13, "core"). Needs no data.
import { cosine } from '../../numeric/vectors';
import { decoderRow, encoderColumn } from '../../sae/latentWeights';

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
    sum += cosine(encoderColumn(p, latent), decoderRow(p, latent));
  }
  return sum / p.d_sae;
}
