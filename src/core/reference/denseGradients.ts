// Gradients of denseLossReference by the formulas of sae.md §2, §5–7, in float64, before projection and
// clipping. Straight-through where the loss has no derivative (JumpReLU's θ).
import { LATENT_VECTORS } from '../train/denseLoss';
import { vectorOf, type DenseShape, type DenseTrace } from './denseLoss';
import { zeroGradients } from './saeGradients';
import type { Params64 } from './saeLoss';

/** Per entry [rows, d_sae]: ∂L/∂(xc·W_enc); per latent: the vectors' gradients and ∂L/∂n. */
type LatentGradients = { delta: Float64Array; vectors: Params64; norm: Float64Array };

/** ∂loss/∂params, shaped as the parameters. */
export function denseGradientsReference(
  params: Params64,
  trace: DenseTrace,
  dead: Uint32Array,
  shape: DenseShape,
): Params64 {
  const { d_in, d_sae, rows } = shape;
  const r = trace.e.map((value) => (-2 * value) / rows);
  const { delta, vectors, norm } = latentGradients(params, trace, dead, r, shape);
  const gradients = { ...vectors };
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < d_in; i++) {
      const index = latent * d_in + i;
      for (let row = 0; row < rows; row++) {
        gradients.W_dec[index]! += trace.f[row * d_sae + latent]! * r[row * d_in + i]!;
        gradients.W_enc[index]! += delta[row * d_sae + latent]! * trace.xc[row * d_in + i]!;
      }
      gradients.W_dec[index]! += (norm[latent]! * params.W_dec[index]!) / trace.norms[latent]!;
    }
  }
  for (let i = 0; i < d_in; i++) {
    for (let row = 0; row < rows; row++) gradients.b_dec[i]! += r[row * d_in + i]!;
    if (!shape.applyBDecToInput) continue;
    for (const [index, value] of delta.entries()) {
      gradients.b_dec[i]! -= value * params.W_enc[(index % d_sae) * d_in + i]!;
    }
  }
  return gradients;
}

function latentGradients(
  params: Params64,
  trace: DenseTrace,
  dead: Uint32Array,
  r: Float64Array,
  shape: DenseShape,
): LatentGradients {
  const { d_sae, rows, loss } = shape;
  const out: LatentGradients = {
    delta: new Float64Array(rows * d_sae),
    vectors: zeros(shape),
    norm: new Float64Array(d_sae),
  };
  const dActs = timesDecoderTransposed(r, params, shape);
  switch (loss.kind) {
    case 'relu':
      return reluGradients(out, trace, dActs, shape);
    case 'gated': {
      const rGate = trace.gateError.map((value) => (-2 * value) / rows);
      const dGate = timesDecoderTransposed(rGate, params, shape);
      return gatedGradients(out, params, trace, { dActs, dGate }, shape);
    }
    case 'jumprelu':
      return jumpReluGradients(out, params, trace, { dActs, dead }, shape);
  }
}

function reluGradients(
  out: LatentGradients,
  { h, f, norms }: DenseTrace,
  dActs: Float64Array,
  { d_sae, rows, loss }: DenseShape,
): LatentGradients {
  const perToken = loss.penalty / rows;
  const { b_enc } = out.vectors;
  for (const [index, z] of h.entries()) {
    const latent = index % d_sae;
    out.norm[latent]! += perToken * f[index]!;
    if (z <= 0) continue;
    out.delta[index] = dActs[index]! + perToken * norms[latent]!;
    b_enc[latent]! += out.delta[index];
  }
  return out;
}

function gatedGradients(
  out: LatentGradients,
  params: Params64,
  { h, f, gateActs }: DenseTrace,
  { dActs, dGate }: { dActs: Float64Array; dGate: Float64Array },
  { d_sae, rows, loss }: DenseShape,
): LatentGradients {
  const { b_enc: b_gate } = out.vectors;
  const b_mag = vectorOf(out.vectors, 'b_mag');
  const r_mag = vectorOf(out.vectors, 'r_mag');
  for (const [index, u] of h.entries()) {
    const latent = index % d_sae;
    const scale = Math.exp(vectorOf(params, 'r_mag')[latent]!);
    const magnitude = f[index]! > 0 ? dActs[index]! : 0;
    const gate = gateActs[index]! > 0 ? dGate[index]! + loss.penalty / rows : 0;
    out.delta[index] = scale * magnitude + gate;
    b_gate[latent]! += gate;
    b_mag[latent]! += magnitude;
    r_mag[latent]! += magnitude * scale * u;
  }
  return out;
}

function jumpReluGradients(
  out: LatentGradients,
  params: Params64,
  { h, f, norms, l0 }: DenseTrace,
  { dActs, dead }: { dActs: Float64Array; dead: Uint32Array },
  { d_sae, rows, loss }: DenseShape,
): LatentGradients {
  if (loss.kind !== 'jumprelu') return out;
  const { b_enc } = out.vectors;
  const threshold = vectorOf(out.vectors, 'threshold');
  const isDead = new Set(dead);
  const { mode, penalty, bandwidth, tanhScale: c, targetL0 } = loss;
  // ∂ penalty / ∂ (one Step(h_bi)): used only by the straight-through estimator.
  const perStep =
    mode === 'step'
      ? penalty / rows
      : mode === 'quadratic'
        ? (2 * penalty * (l0 / targetL0 - 1)) / (targetL0 * rows)
        : 0;
  for (const [index, z] of h.entries()) {
    const latent = index % d_sae;
    const n = norms[latent]!;
    const raw = vectorOf(params, 'threshold')[latent]!;
    const T = Math.max(raw, 0);
    let dAct = dActs[index]!;
    if (mode === 'tanh') {
      const slope = ((penalty / rows) * c) / Math.cosh(c * f[index]! * n) ** 2;
      dAct += slope * n;
      out.norm[latent]! += slope * f[index]!;
    }
    let delta = z > T ? dAct : 0;
    const inWindow = Math.abs((z - T) / bandwidth) < 0.5;
    if (raw > 0 && inWindow) threshold[latent]! -= (T * dAct + perStep) / bandwidth;
    if (isDead.has(latent) && raw > z) {
      const push = loss.preActPenalty / rows;
      delta -= push * n;
      threshold[latent]! += push * n;
      out.norm[latent]! += push * (raw - z);
    }
    out.delta[index] = delta;
    b_enc[latent]! += delta;
  }
  return out;
}

/** [rows, d_in] · W_decᵀ → [rows, d_sae]. */
function timesDecoderTransposed(
  r: Float64Array,
  { W_dec }: Params64,
  { d_in, d_sae, rows }: DenseShape,
): Float64Array {
  const out = new Float64Array(rows * d_sae);
  for (let row = 0; row < rows; row++) {
    for (let latent = 0; latent < d_sae; latent++) {
      let sum = 0;
      for (let i = 0; i < d_in; i++) sum += r[row * d_in + i]! * W_dec[latent * d_in + i]!;
      out[row * d_sae + latent] = sum;
    }
  }
  return out;
}

function zeros(shape: DenseShape): Params64 {
  const extra = LATENT_VECTORS[shape.loss.kind].slice(1);
  return {
    ...zeroGradients(shape),
    ...Object.fromEntries(extra.map((name) => [name, new Float64Array(shape.d_sae)])),
  };
}
