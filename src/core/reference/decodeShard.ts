// Twin of decode_shard.wgsl: what the latents of one shard add to decoded rows, and the products of gradient rows with
// their decoder rows. float64.
import { EMPTY_SLOT } from '../sae/sae';

export type ShardCase = {
  latentIndices: Uint32Array;
  latentActs: Float32Array;
  /** of each slot */
  gradientRows: ArrayLike<number>;
  /** [n, d], latent-major */
  W_dec: Float32Array;
  d: number;
  first: number;
  count: number;
};

function inShard({ latentIndices, first, count }: ShardCase): number[] {
  return [...latentIndices.keys()].filter((slot) => {
    const latent = latentIndices[slot]!;
    return latent !== EMPTY_SLOT && latent >= first && latent < first + count;
  });
}

/** [gradient rows, d] plus the shard's act · decoder row. */
export function shardSumsReference(c: ShardCase, gradient: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(gradient);
  for (const slot of inShard(c)) {
    for (let i = 0; i < c.d; i++) {
      const w = c.W_dec[c.latentIndices[slot]! * c.d + i]!;
      out[c.gradientRows[slot]! * c.d + i]! += c.latentActs[slot]! * w;
    }
  }
  return out;
}

/** [slots]: as before, except for the shard's slots and empty ones, which become 0. */
export function shardProductsReference(
  c: ShardCase,
  gradient: ArrayLike<number>,
  before: ArrayLike<number>,
): Float64Array {
  const out = Float64Array.from(before, (value, slot) =>
    c.latentIndices[slot] === EMPTY_SLOT ? 0 : value,
  );
  for (const slot of inShard(c)) {
    let sum = 0;
    for (let i = 0; i < c.d; i++) {
      sum +=
        gradient[c.gradientRows[slot]! * c.d + i]! * c.W_dec[c.latentIndices[slot]! * c.d + i]!;
    }
    out[slot] = sum;
  }
  return out;
}
