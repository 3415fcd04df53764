// CPU twin of sae_encode.wgsl and sae_encode_registers.wgsl: sums in f64, W_enc latent-major as on the GPU.

/** What padding columns and trapped NaN hold: the lowest finite f32 (WGSL has no infinity literal). */
export const LOWEST_F32 = -3.4028234663852886e38;

export type EncodeCase = {
  rows: number;
  d_in: number;
  d_sae: number;
  /** [rows, d_in] */
  xc: Float32Array;
  /** [d_sae, d_in] */
  W_enc: Float32Array;
  b_enc: Float32Array;
};

/** preActs [rows, d_sae] = xc · W_encᵀ + b_enc; NaN becomes LOWEST_F32 and is counted. */
export function saeEncodeReference(c: EncodeCase): { preActs: Float32Array; nanCount: number } {
  const preActs = new Float32Array(c.rows * c.d_sae);
  let nanCount = 0;
  for (let row = 0; row < c.rows; row++) {
    for (let latent = 0; latent < c.d_sae; latent++) {
      let sum = c.b_enc[latent]!;
      for (let i = 0; i < c.d_in; i++) {
        sum += c.xc[row * c.d_in + i]! * c.W_enc[latent * c.d_in + i]!;
      }
      if (Number.isNaN(sum)) nanCount++;
      preActs[row * c.d_sae + latent] = Number.isNaN(sum) ? LOWEST_F32 : sum;
    }
  }
  return { preActs, nanCount };
}

/** Maxima over `width` columns each; [rows, groups], LOWEST_F32 where a group has no column. */
export function groupMaxReference(
  preActs: Float32Array,
  o: { rows: number; d_sae: number; width: number; groups: number },
): Float32Array {
  const maxima = new Float32Array(o.rows * o.groups).fill(LOWEST_F32);
  for (let row = 0; row < o.rows; row++) {
    for (let latent = 0; latent < o.d_sae; latent++) {
      const group = row * o.groups + Math.floor(latent / o.width);
      maxima[group] = Math.max(maxima[group]!, preActs[row * o.d_sae + latent]!);
    }
  }
  return maxima;
}
