// Seeded inputs for numeric tests.
import { makeRng } from '../../src/core/numeric/rng';
import type { TopKParams } from '../../src/core/sae/sae';
import { unitRows } from './unitRows';

/** Standard normals times `scale`. */
export function gaussian(length: number, seed: number, scale = 1): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length }, () => scale * rng.normal());
}

/** Random SAE with unit decoder rows, W_enc near W_decᵀ and a b_dec that is not zero. */
export function makeSaeParams(o: {
  seed: number;
  d_in: number;
  d_sae: number;
  k: number;
  applyBDecToInput?: boolean;
}): TopKParams {
  const { seed, d_in, d_sae, k } = o;
  const W_dec = unitRows(gaussian(d_sae * d_in, seed), d_in);
  const noise = gaussian(d_in * d_sae, seed + 1, 0.1);
  const W_enc = Float32Array.from(
    noise,
    (value, i) => value + W_dec[(i % d_sae) * d_in + Math.floor(i / d_sae)]!,
  );
  return {
    architecture: 'topk',
    d_in,
    d_sae,
    k,
    W_enc,
    b_enc: gaussian(d_sae, seed + 2, 0.1),
    W_dec,
    b_dec: gaussian(d_in, seed + 3, 0.3),
    applyBDecToInput: o.applyBDecToInput ?? true,
  };
}
