// Gradients of saeLossReference by the formulas of sae.md §2, in float64. Checked against finite
// differences; knows nothing of how the kernels get the same numbers.
import type { BatchShape, LossShape, LossTrace, Params64 } from './saeLoss';

/** ∂loss/∂params, shaped as Params64, before projection. */
export function saeGradientsReference(
  params: Params64,
  trace: LossTrace,
  dead: Uint32Array,
  shape: LossShape,
): Params64 {
  const { d_in, rows, variance } = shape;
  const gradients = zeroGradients(shape);
  const main = trace.e.map((value) => (-2 * value) / (rows * variance));
  addPath(gradients, params, trace.xc, trace.f, main, shape);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < d_in; i++) gradients.b_dec[i]! += main[row * d_in + i]!;
  }
  if (dead.length > 0 && trace.errorVariance > 0) {
    const scale = (2 * shape.auxKScale) / (rows * trace.errorVariance);
    const aux = trace.auxResidual.map((value) => value * scale);
    // ê has no b_dec: AuxK's residual gradient does not reach it, only the one through xc does.
    addPath(gradients, params, trace.xc, trace.a, aux, shape);
  }
  if (shape.applyBDecToInput) subtractEncoderPath(gradients, params, shape);
  return gradients;
}

export function zeroGradients({ d_in, d_sae }: BatchShape): Params64 {
  return {
    W_enc: new Float64Array(d_sae * d_in),
    b_enc: new Float64Array(d_sae),
    W_dec: new Float64Array(d_sae * d_in),
    b_dec: new Float64Array(d_in),
  };
}

/** dW_dec += actsᵀ r, dW_enc += xcᵀ δ, db_enc += Σ δ with δ = [acts > 0]·(r·W_decᵀ). */
export function addPath(
  gradients: Params64,
  params: Params64,
  xc: Float64Array,
  acts: Float64Array,
  r: Float64Array,
  { d_in, d_sae, rows }: BatchShape,
): void {
  for (let row = 0; row < rows; row++) {
    for (let latent = 0; latent < d_sae; latent++) {
      const act = acts[row * d_sae + latent]!;
      if (act <= 0) continue;
      let delta = 0;
      for (let i = 0; i < d_in; i++) {
        const ri = r[row * d_in + i]!;
        delta += ri * params.W_dec[latent * d_in + i]!;
        gradients.W_dec[latent * d_in + i]! += act * ri;
      }
      for (let i = 0; i < d_in; i++) {
        gradients.W_enc[latent * d_in + i]! += delta * xc[row * d_in + i]!;
      }
      gradients.b_enc[latent]! += delta;
    }
  }
}

/** b_dec also sits in xc = x − b_dec: db_dec −= W_enc·(Σ_b δ), and Σ_b δ is db_enc. */
export function subtractEncoderPath(
  gradients: Params64,
  params: Params64,
  { d_in, d_sae }: BatchShape,
): void {
  for (let latent = 0; latent < d_sae; latent++) {
    const delta = gradients.b_enc[latent]!;
    for (let i = 0; i < d_in; i++) gradients.b_dec[i]! -= delta * params.W_enc[latent * d_in + i]!;
  }
}
