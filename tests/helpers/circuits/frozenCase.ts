// Random transcoders for a checkpoint, frozen over a prompt: for tests of attribution, which hold for any
// transcoders, good or bad.
import { freeze, type FrozenModel } from '../../../src/core/circuits/frozenModel';
import type { HookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
  type ReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import type { SaeParams } from '../../../src/core/sae/sae';
import { makeSaeParams } from '../cases';

export function someTranscoders(w: ReferenceWeights, o: { d_sae: number; k: number }): SaeParams[] {
  const { n_layer: layers, n_embd: d_in } = w.config;
  return Array.from({ length: layers }, (_, layer) => ({
    ...makeSaeParams({ seed: 20 + layer, d_in, ...o }),
    applyBDecToInput: false,
  }));
}

/** The first token is not counted, as <|bos|> is not. */
export async function frozenCase(
  checkpoint: NanochatCheckpoint,
  tokenIds: Int32Array,
  transcoders?: readonly SaeParams[],
): Promise<FrozenModel> {
  const w = await readReferenceWeights(checkpoint);
  const activations = new Map<HookPoint, Float64Array>();
  nanochatReference(w, tokenIds, (hook, x) => activations.set(hook, x.slice()));
  return freeze({
    checkpoint,
    tokenIds,
    activations,
    transcoders: transcoders ?? someTranscoders(w, { d_sae: 40, k: 5 }),
    isCounted: (tokenId) => tokenId !== tokenIds[0],
  });
}

/** The frozen pass forwards: what every latent that fires reads, and the stream at the end, [T, d], when latent
 *  `source` acts `factor` times as strongly as it did. */
export function frozenForward(
  frozen: FrozenModel,
  { source, factor }: { source: number; factor: number },
): { preActs: Float64Array; end: Float64Array } {
  const { width, embed, smear, n_head: heads, n_kv_head: kvHeads, backout } = frozen;
  const T = smear.length;
  const d_head = width / heads;
  const kvWidth = kvHeads * d_head;
  const x0 = embed.map((value, at) => {
    const t = Math.floor(at / width);
    return value + (t === 0 ? 0 : smear[t]! * embed[at - width]!);
  });
  const preActs = new Float64Array(frozen.latents.length);
  let x = x0;
  const kept = new Float64Array(x0.length);
  frozen.layers.forEach((own, layer) => {
    const mid = x.map((value, at) => own.keep * value + own.again * x0[at]!);
    const values = new Float64Array(T * kvWidth);
    for (let t = 0; t < T; t++) {
      for (let o = 0; o < kvWidth; o++) {
        let sum = own.embeddedValues?.[t * kvWidth + o] ?? 0;
        for (let i = 0; i < width; i++) {
          sum += own.W_V[o * width + i]! * own.attentionScale[t]! * mid[t * width + i]!;
        }
        values[t * kvWidth + o] = sum;
      }
    }
    const mixed = new Float64Array(width);
    // From the last position on: `mid` of earlier ones is no longer read by attention.
    for (let t = T - 1; t >= 0; t--) {
      mixed.fill(0);
      for (let i = 0; i < width; i++) {
        const head = Math.floor(i / d_head);
        const column = Math.floor((head * kvHeads) / heads) * d_head + (i % d_head);
        for (let j = 0; j <= t; j++) {
          mixed[i]! += own.patterns[head]![t * T + j]! * values[j * kvWidth + column]!;
        }
      }
      for (let o = 0; o < width; o++) {
        for (let i = 0; i < width; i++) mid[t * width + o]! += own.W_O[o * width + i]! * mixed[i]!;
      }
    }
    const { W_enc, b_enc, W_dec, b_dec, d_sae } = own.transcoder;
    const post = mid.map((value, at) => value + own.error[at]! + b_dec[at % width]!);
    for (let index = own.first; index < own.end; index++) {
      const { position, latentIndex, act } = frozen.latents[index]!;
      let h = b_enc[latentIndex]!;
      for (let i = 0; i < width; i++) {
        h += W_enc[i * d_sae + latentIndex]! * own.mlpScale[position]! * mid[position * width + i]!;
        post[position * width + i]! +=
          (index === source ? factor : 1) * act * W_dec[latentIndex * width + i]!;
      }
      preActs[index] = h;
    }
    x = post;
    if (layer === backout?.layer) kept.set(post);
  });
  const end = x.map((value, at) => value - (backout?.factor ?? 0) * kept[at]!);
  return { preActs, end: end.map((value, at) => value * frozen.endScale[Math.floor(at / width)]!) };
}
