// The decoder directions closest to each latent's, computed by the encoder kernels: with the directions as
// both inputs and encoder, "pre-activations" are cosines and TopK picks the neighbours.
import { unitRows } from '../../core/numeric/nearestRows';
import type { SaeParams } from '../../core/sae/sae';
import { EMPTY_SLOT } from '../../core/sae/sae';
import { NEIGHBOURS, type LatentNeighbours } from '../../core/statistics/saeStatistics';
import type { SaeBackend } from '../../core/train/saeBackend';

/** Directions compared at once. */
const ROWS = 1024;

/** Positive cosines only, best first. Ranked by the encoder's f32 products, then computed in f64.
 *  onProgress: latents done; throws to cancel. */
export async function decoderNeighbours(
  backend: SaeBackend,
  params: SaeParams,
  onProgress: (done: number) => Promise<void>,
): Promise<LatentNeighbours> {
  const { d_in, d_sae } = params;
  const directions = unitRows(params.W_dec, d_sae, d_in);
  const neighbours: LatentNeighbours = {
    indices: new Uint32Array(d_sae * NEIGHBOURS),
    cosines: new Float32Array(d_sae * NEIGHBOURS),
  };
  const k = Math.min(NEIGHBOURS + 1, d_sae);
  const encoder = await backend.createEncoder(comparing(directions, { d_in, d_sae, k }));
  try {
    for (let first = 0; first < d_sae; first += ROWS) {
      const rows = Math.min(ROWS, d_sae - first);
      const data = directions.slice(first * d_in, (first + rows) * d_in);
      const own = Uint32Array.from({ length: rows }, (_, i) => i);
      const code = await encoder.encode({ where: 'cpu', rows, cols: d_in, data }, own);
      for (let row = 0; row < rows; row++) {
        const found = code.latentIndices.subarray(row * k, (row + 1) * k);
        keepRanked(neighbours, first + row, found, directions, d_in);
      }
      await onProgress(first + rows);
    }
  } finally {
    encoder.dispose();
  }
  return neighbours;
}

function comparing(
  directions: Float32Array,
  shape: { d_in: number; d_sae: number; k: number },
): SaeParams {
  const { d_in, d_sae, k } = shape;
  const W_enc = new Float32Array(d_in * d_sae);
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < d_in; i++) W_enc[i * d_sae + latent] = directions[latent * d_in + i] ?? 0;
  }
  return {
    architecture: 'topk',
    d_in,
    d_sae,
    k,
    W_enc,
    W_dec: directions,
    b_enc: new Float32Array(d_sae),
    b_dec: new Float32Array(d_in),
    applyBDecToInput: false,
  };
}

function keepRanked(
  neighbours: LatentNeighbours,
  latent: number,
  found: Uint32Array,
  directions: Float32Array,
  d_in: number,
): void {
  const cosineWith = (other: number) => {
    let sum = 0;
    for (let i = 0; i < d_in; i++) {
      sum += (directions[latent * d_in + i] ?? 0) * (directions[other * d_in + i] ?? 0);
    }
    return sum;
  };
  const ranked = [...found]
    .filter((other) => other !== latent && other !== EMPTY_SLOT)
    .map((other) => ({ other, cosine: cosineWith(other) }))
    .sort((a, b) => b.cosine - a.cosine || a.other - b.other)
    .slice(0, NEIGHBOURS);
  for (const [i, { other, cosine }] of ranked.entries()) {
    neighbours.indices[latent * NEIGHBOURS + i] = other;
    neighbours.cosines[latent * NEIGHBOURS + i] = cosine;
  }
}
