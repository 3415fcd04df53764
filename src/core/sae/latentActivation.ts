// f of chosen latents of one token. Where each latent has its own rule, others need not be computed; a TopK
// latent needs every pre-activation, for its rank. Pure, sums in f64.
import type { SaeParams, TopKParams } from './sae';

/** One latent's activation from its own pre-activation h, for architectures with a rule per latent. */
export function ruledActivation(
  h: number,
  latent: number,
  params: Exclude<SaeParams, { architecture: 'topk' }>,
): number {
  switch (params.architecture) {
    case 'relu':
      return Math.max(h, 0);
    case 'jumprelu':
      return h > Math.max(params.threshold[latent]!, 0) ? h : 0;
    case 'gated':
      return h + params.b_gate[latent]! > 0
        ? Math.max(Math.exp(params.r_mag[latent]!) * h + params.b_mag[latent]!, 0)
        : 0;
    default:
      return params satisfies never;
  }
}

/** All of a token's pre-activations, [d_sae]; x: [d_in], model units of a folded SAE. */
function preActivations(x: ArrayLike<number>, params: SaeParams): Float64Array {
  const { d_in, d_sae, W_enc, b_dec, applyBDecToInput } = params;
  const out = Float64Array.from(params.b_enc);
  for (let i = 0; i < d_in; i++) {
    const value = x[i]! - (applyBDecToInput ? b_dec[i]! : 0);
    const row = i * d_sae;
    for (let latent = 0; latent < d_sae; latent++) out[latent]! += value * W_enc[row + latent]!;
  }
  return out;
}

function preActivation(x: ArrayLike<number>, params: SaeParams, latent: number): number {
  const { d_in, d_sae, W_enc, b_dec, applyBDecToInput } = params;
  let sum = params.b_enc[latent]!;
  for (let i = 0; i < d_in; i++) {
    sum += (x[i]! - (applyBDecToInput ? b_dec[i]! : 0)) * W_enc[i * d_sae + latent]!;
  }
  return sum;
}

/** f of one latent of one token. */
export function latentActivation(x: ArrayLike<number>, params: SaeParams, latent: number): number {
  if (params.architecture !== 'topk') {
    return ruledActivation(preActivation(x, params, latent), latent, params);
  }
  const preActs = preActivations(x, params);
  return isAmongTopK(preActs, latent, params.k)
    ? topKActivation(preActs[latent]!, latent, params)
    : 0;
}

/** f of a latent that TopK keeps, or would keep: not negative. */
export function topKActivation(h: number, latent: number, { actScale }: TopKParams): number {
  return Math.max(h, 0) * (actScale?.[latent] ?? 1);
}

/** As topkReference chooses: positive, fewer than k larger ones, ties to the lower index. */
function isAmongTopK(preActs: Float64Array, latent: number, k: number): boolean {
  const own = preActs[latent]!;
  if (!(own > 0)) return false;
  let ahead = 0;
  for (let other = 0; other < preActs.length; other++) {
    if (preActs[other]! > own || (preActs[other] === own && other < latent)) ahead++;
  }
  return ahead < k;
}

/** The `count` strongest latents of one token, strongest first. */
export function strongestLatents(
  x: ArrayLike<number>,
  params: SaeParams,
  count: number,
): { latentIndex: number; act: number }[] {
  const active = activeLatents(preActivations(x, params), params).filter(({ act }) => act > 0);
  return active.sort((a, b) => b.act - a.act || a.latentIndex - b.latentIndex).slice(0, count);
}

function activeLatents(preActs: Float64Array, params: SaeParams) {
  const latents = [...preActs.keys()];
  if (params.architecture !== 'topk') {
    return latents.map((latentIndex) => {
      return { latentIndex, act: ruledActivation(preActs[latentIndex]!, latentIndex, params) };
    });
  }
  // TopK selects by h, which ranks latents as their activations do only without actScale.
  const kept = latents
    .filter((latent) => preActs[latent]! > 0)
    .sort((a, b) => preActs[b]! - preActs[a]! || a - b)
    .slice(0, params.k);
  return kept.map((latentIndex) => {
    return { latentIndex, act: topKActivation(preActs[latentIndex]!, latentIndex, params) };
  });
}
