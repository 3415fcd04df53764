// The GPU's layout of SAE weights: both matrices latent-major [d_sae, dStride], dStride = d_in rounded up
// to 4, zero tail. W_enc is transposed only here.

/** Row stride of every [*, d_in] buffer of ours. */
export function strideOf(d_in: number): number {
  return Math.ceil(d_in / 4) * 4;
}

/** W_enc [d_in, d_sae] → [d_sae, dStride]. */
export function latentMajor(
  W_enc: Float32Array,
  { d_in, d_sae }: { d_in: number; d_sae: number },
): Float32Array {
  const stride = strideOf(d_in);
  const out = new Float32Array(d_sae * stride);
  for (let i = 0; i < d_in; i++) {
    for (let latent = 0; latent < d_sae; latent++) {
      out[latent * stride + i] = W_enc[i * d_sae + latent]!;
    }
  }
  return out;
}

/** [d_sae, dStride] → W_enc [d_in, d_sae]. */
export function fromLatentMajor(
  latents: Float32Array,
  { d_in, d_sae }: { d_in: number; d_sae: number },
): Float32Array {
  const stride = strideOf(d_in);
  const out = new Float32Array(d_in * d_sae);
  for (let i = 0; i < d_in; i++) {
    for (let latent = 0; latent < d_sae; latent++) {
      out[i * d_sae + latent] = latents[latent * stride + i]!;
    }
  }
  return out;
}

/** [rows, cols] → [rows, stride of cols], zero tail; the same array if no padding is needed. */
export function padColumns(data: Float32Array, cols: number): Float32Array {
  const stride = strideOf(cols);
  if (stride === cols) return data;
  const rows = data.length / cols;
  const out = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    out.set(data.subarray(row * cols, (row + 1) * cols), row * stride);
  }
  return out;
}
