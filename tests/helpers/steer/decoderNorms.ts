// SAEs as their files have them, with decoder rows of norms 0.1 to 10, and the same SAEs read from these files;
// what each latent adds to the stream is computed from the files' own numbers, in float64.
import { expect } from 'vitest';
import { reconstruct } from '../../../src/core/evaluate/reconstruction';
import type { SparseCode } from '../../../src/core/sae/sae';
import { denseActs } from '../sae/encodeParity';
import '../matchers';
import type { SaeParams } from '../../../src/core/sae/sae';
import type { EditSlot } from '../../../src/core/steer/steerEdit';
import type { SteerMode } from '../../../src/core/steer/steering';
import { formatSafetensors } from '../../../src/formats/archives/safetensors';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../../src/formats/sae/saeFolder';
import { unitVector } from '../../../src/core/numeric/vectors';
import { gaussian } from '../cases';
import { makeSteerSae } from './steerCases';
import { encodeOracle } from './steerOracle';

/** How SAELens saves them: TopK by either score; BatchTopK as a jumprelu with one threshold. */
export const NORM_KINDS = [
  'topk by h',
  'topk by h·n',
  'batchtopk',
  'jumprelu',
  'relu',
  'gated',
] as const;
export type NormKind = (typeof NORM_KINDS)[number];

export const NORM_D = 24;
export const NORM_D_SAE = 60;
const K = 12;

export type NormCase = {
  /** folded, as they are used here */
  params: SaeParams;
  norms: Float64Array;
  /** Contributions of all latents at h, in residual units: f_i · ‖W_dec[i]‖ of the files. */
  contributions: (h: ArrayLike<number>) => number[];
  /** saeOut of the files' SAE */
  decode: (h: ArrayLike<number>) => Float64Array;
  /** ŵ_i in float64 */
  direction: (latent: number) => Float64Array;
};

export async function makeNormCase(kind: NormKind): Promise<NormCase> {
  const saved = savedSae(kind);
  const { params } = await parseSaeLens(filesOf(kind, saved));
  const norms = Float64Array.from({ length: NORM_D_SAE }, (_, i) => Math.hypot(...rowOf(saved, i)));
  const acts = (h: ArrayLike<number>) => savedActs(kind, saved, norms, h);
  return {
    params,
    norms,
    contributions: (h) => acts(h).map((f, i) => f * norms[i]!),
    decode: (h) => {
      const out = Float64Array.from(saved.b_dec);
      acts(h).forEach((f, i) => {
        rowOf(saved, i).forEach((w, d) => (out[d]! += f * w));
      });
      return out;
    },
    direction: (latent) => Float64Array.from(rowOf(saved, latent), (w) => w / norms[latent]!),
  };
}

/** As steerTargets makes them: a unit direction, the latent, the residual units of value 1. */
export function normSlot(
  params: SaeParams,
  latentIndex: number,
  o: { mode: SteerMode; scale: number },
): EditSlot {
  const { W_dec, d_in } = params;
  const row = W_dec.slice(latentIndex * d_in, (latentIndex + 1) * d_in);
  return { ...o, isNorm: false, direction: unitVector(row), latent: { params, latentIndex } };
}

/** h with latent i's part changed as the mode says; amounts in residual units. */
export function steerByFiles(
  c: NormCase,
  h: Float64Array,
  o: { latent: number; mode: SteerMode; value: number; amount: number },
): Float64Array {
  const part = c.contributions(h)[o.latent]!;
  const wanted = {
    add: part + o.amount,
    set: o.amount,
    scale: part * o.value,
    cap: Math.min(part, o.amount),
    ablate: 0,
  }[o.mode];
  const direction = c.direction(o.latent);
  return h.map((value, d) => value + (wanted - part) * direction[d]!);
}

function rowOf({ W_dec, d_in }: SaeParams, latent: number): Float32Array {
  return W_dec.subarray(latent * d_in, (latent + 1) * d_in);
}

function savedSae(kind: NormKind): SaeParams {
  const shape = { d: NORM_D, d_sae: NORM_D_SAE, seed: 11 };
  const sae = makeSteerSae(architectureOf(kind), shape);
  // Spread over the latents, so that neighbours differ by more than an order of magnitude.
  const W_dec = sae.W_dec.map((w, at) => {
    const latent = Math.floor(at / NORM_D);
    return w * 10 ** (((latent * 37) % NORM_D_SAE) / (NORM_D_SAE / 2 - 0.5) - 1);
  });
  if (sae.architecture === 'topk') return { ...sae, W_dec, k: K };
  if (kind === 'batchtopk' && sae.architecture === 'jumprelu') {
    return { ...sae, W_dec, threshold: new Float32Array(NORM_D_SAE).fill(0.4) };
  }
  return { ...sae, W_dec };
}

function architectureOf(kind: NormKind): SaeParams['architecture'] {
  if (kind === 'topk by h' || kind === 'topk by h·n') return 'topk';
  return kind === 'batchtopk' ? 'jumprelu' : kind;
}

function savedActs(
  kind: NormKind,
  saved: SaeParams,
  norms: Float64Array,
  h: ArrayLike<number>,
): number[] {
  if (kind !== 'topk by h·n' || saved.architecture !== 'topk') return encodeOracle(h, saved);
  const all = encodeOracle(h, { ...saved, k: saved.d_sae });
  const score = all.map((f, i) => f * norms[i]!);
  const kept = [...all.keys()].sort((a, b) => score[b]! - score[a]! || a - b).slice(0, saved.k);
  return all.map((f, i) => (kept.includes(i) ? f : 0));
}

function filesOf(kind: NormKind, saved: SaeParams) {
  const { architecture, d_in, d_sae } = saved;
  const cfg = {
    architecture: architecture === 'relu' ? 'standard' : architecture,
    d_in,
    d_sae,
    dtype: 'float32',
    apply_b_dec_to_input: saved.applyBDecToInput,
    ...(architecture === 'topk'
      ? { k: saved.k, rescale_acts_by_decoder_norm: kind === 'topk by h·n' }
      : {}),
    metadata: { sae_lens_version: '6.49.2', hook_name: 'blocks.1.hook_resid_post' },
  };
  const tensors: Record<string, readonly number[]> = {
    W_enc: [d_in, d_sae],
    W_dec: [d_sae, d_in],
    b_dec: [d_in],
    ...(architecture === 'gated'
      ? { b_gate: [d_sae], b_mag: [d_sae], r_mag: [d_sae] }
      : { b_enc: [d_sae] }),
    ...(architecture === 'jumprelu' ? { threshold: [d_sae] } : {}),
  };
  const arrays = saved as unknown as Record<string, Float32Array>;
  const weights = Object.entries(tensors).map(([name, shape]) => ({
    name,
    shape,
    data: arrays[name]!,
  }));
  return [
    { path: CONFIG_FILE, blob: new Blob([JSON.stringify(cfg)]) },
    { path: WEIGHTS_FILE, blob: new Blob([formatSafetensors(weights)]) },
  ];
}

/** Rows of the stream, [tokens, NORM_D]. */
export function normRows(tokens: number): Float32Array {
  return gaussian(tokens * NORM_D, 21);
}

/** Every token's code and reconstruction as the files' own numbers say. atol: of both, absolute. */
export function expectCodeOfFiles(
  c: NormCase,
  x: Float32Array,
  tokens: Uint32Array,
  code: SparseCode,
  atol: number,
): void {
  const acts = denseActs(code, tokens.length, NORM_D_SAE);
  const saeOut = reconstruct(c.params, code, tokens.length);
  for (const token of tokens) {
    const row = Float64Array.from(x.subarray(token * NORM_D, (token + 1) * NORM_D));
    const expected = c.contributions(row);
    const own = acts.subarray(token * NORM_D_SAE, (token + 1) * NORM_D_SAE);
    expect(Array.from(own, Math.sign)).toEqual(expected.map(Math.sign));
    expect(own).toBeAllclose(expected, { rtol: 1e-5, atol });
    const out = saeOut.subarray(token * NORM_D, (token + 1) * NORM_D);
    expect(out).toBeAllclose(c.decode(row), { rtol: 1e-5, atol });
  }
}
