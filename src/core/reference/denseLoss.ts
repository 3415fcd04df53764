// Loss of one training batch of ReLU-L1, Gated or JumpReLU in float64, dense and plain: the reference for
// the dense kernels (sae.md §5–7). Knows no GPU and shares no code with the kernels' twins.
import type { ExtraName } from '../sae/stateShape';
import type { DenseLoss } from '../train/denseLoss';
import { invariant } from '../errors';
import { norm, sumOfSquares } from '../numeric/vectors';
import {
  centred,
  decode,
  difference,
  preActivations,
  type BatchShape,
  type Params64,
} from './saeLoss';

export type DenseShape = BatchShape & { loss: DenseLoss };

/** Decoder of Gated's auxiliary loss; given, it is held fixed (finite differences need that). */
export type FrozenDecoder = Pick<Params64, 'W_dec' | 'b_dec'>;

export type DenseTrace = {
  /** encoder input, [rows, d_in] */
  xc: Float64Array;
  /** pre-activations, [rows, d_sae]: h; for Gated u = xc·W_enc, before any bias */
  h: Float64Array;
  /** latentActs, [rows, d_sae] */
  f: Float64Array;
  /** Gated: ReLU(π_g), [rows, d_sae]; else empty */
  gateActs: Float64Array;
  /** x − x̂, [rows, d_in] */
  e: Float64Array;
  /** Gated: x − auxiliary reconstruction, [rows, d_in]; else empty */
  gateError: Float64Array;
  /** n_i, [d_sae] */
  norms: Float64Array;
  mse: number;
  l0: number;
  /** penalty with its coefficient */
  sparsityLoss: number;
  /** Gated: the auxiliary reconstruction's mse; JumpReLU: the pre-activation loss with its coefficient */
  auxLoss: number;
  /** mse + sparsityLoss + auxLoss */
  loss: number;
};

/** x: [rows, d_in] row-major; dead: the previous step's dead latents. Gated's b_gate is params.b_enc. */
export function denseLossReference(
  params: Params64,
  x: ArrayLike<number>,
  dead: Uint32Array,
  shape: DenseShape,
  frozen: FrozenDecoder = params,
): DenseTrace {
  const { d_in, rows, loss } = shape;
  const target = Float64Array.from(x);
  const xc = centred(x, params.b_dec, shape);
  const isGated = loss.kind === 'gated';
  const bias = isGated ? params.b_enc.map(() => 0) : params.b_enc;
  const h = preActivations({ ...params, b_enc: bias }, xc, shape);
  const norms = rowNorms(params.W_dec, d_in);
  const { f, gateActs } = activate(params, h, shape);
  const e = difference(target, decode(f, params.W_dec, params.b_dec, shape));
  const gateError = isGated
    ? difference(target, decode(gateActs, frozen.W_dec, frozen.b_dec, shape))
    : new Float64Array(0);
  const mse = sumOfSquares(e) / rows;
  const l0 = f.reduce((count, act) => count + (act > 0 ? 1 : 0), 0) / rows;
  const trace = { xc, h, f, gateActs, e, gateError, norms, mse, l0 };
  const sparsityLoss = sparsity(trace, shape);
  const auxLoss = auxiliary(params, trace, dead, shape);
  return { ...trace, sparsityLoss, auxLoss, loss: mse + sparsityLoss + auxLoss };
}

/** The vector of that name. A missing one is a bug in the caller. */
export function vectorOf(params: Params64, name: ExtraName): Float64Array {
  const vector = params[name];
  invariant(vector !== undefined, `no ${name} among the parameters`);
  return vector;
}

export function rowNorms(W: Float64Array, cols: number): Float64Array {
  return Float64Array.from({ length: W.length / cols }, (_, row) =>
    norm(W.subarray(row * cols, (row + 1) * cols)),
  );
}

function activate(params: Params64, h: Float64Array, { d_sae, loss }: DenseShape) {
  const none = new Float64Array(0);
  if (loss.kind === 'relu') return { f: h.map((z) => Math.max(z, 0)), gateActs: none };
  if (loss.kind === 'jumprelu') {
    const threshold = vectorOf(params, 'threshold');
    return {
      f: h.map((z, index) => (z > Math.max(threshold[index % d_sae]!, 0) ? z : 0)),
      gateActs: none,
    };
  }
  const { b_enc: b_gate } = params;
  const b_mag = vectorOf(params, 'b_mag');
  const r_mag = vectorOf(params, 'r_mag');
  const gateActs = h.map((u, index) => Math.max(u + b_gate[index % d_sae]!, 0));
  const f = h.map((u, index) => {
    const latent = index % d_sae;
    return gateActs[index]! > 0 ? Math.max(Math.exp(r_mag[latent]!) * u + b_mag[latent]!, 0) : 0;
  });
  return { f, gateActs };
}

function sparsity(
  { f, gateActs, norms, l0 }: Pick<DenseTrace, 'f' | 'gateActs' | 'norms' | 'l0'>,
  { rows, d_sae, loss }: DenseShape,
): number {
  const mean = (of: (index: number) => number) =>
    f.reduce((sum, _, index) => sum + of(index), 0) / rows;
  switch (loss.kind) {
    case 'relu':
      return loss.penalty * mean((index) => f[index]! * norms[index % d_sae]!);
    case 'gated':
      return loss.penalty * mean((index) => gateActs[index]!);
    case 'jumprelu':
      if (loss.mode === 'step') return loss.penalty * l0;
      if (loss.mode === 'quadratic') return loss.penalty * (l0 / loss.targetL0 - 1) ** 2;
      return (
        loss.penalty *
        mean((index) => Math.tanh(loss.tanhScale * f[index]! * norms[index % d_sae]!))
      );
  }
}

function auxiliary(
  params: Params64,
  { h, gateError, norms }: Pick<DenseTrace, 'h' | 'gateError' | 'norms'>,
  dead: Uint32Array,
  { rows, d_sae, loss }: DenseShape,
): number {
  if (loss.kind === 'gated') return sumOfSquares(gateError) / rows;
  if (loss.kind === 'relu') return 0;
  const threshold = vectorOf(params, 'threshold');
  let sum = 0;
  const isDead = new Set(dead);
  for (const [index, z] of h.entries()) {
    const latent = index % d_sae;
    if (isDead.has(latent)) sum += Math.max(threshold[latent]! - z, 0) * norms[latent]!;
  }
  return (loss.preActPenalty * sum) / rows;
}
