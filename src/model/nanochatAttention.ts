// The attention sublayer: projections, value embeddings, rotary, QK norm, windowed causal attention.
// Keys are cached transposed, [B, n_kv_head, d_head, S], so that no step must transpose the whole cache.
import { hookPoint } from '../core/activations/hookPoint';
import type { EmitContext } from './nanochatEmit';
import type { Rotary } from './nanochatPositions';
import { MAX_INDEX, slice } from './onnx/idioms';

/** n: [B·T, d_model], the normed stream. Returns hook_attn_out, [B·T, d_model]. */
export function emitAttention(
  c: EmitContext,
  layer: number,
  n: string,
  rotary: Rotary,
  mask: string,
): string {
  const { b, config, d_head } = c;
  const { n_head: nHead, n_embd: width } = config;
  const prefix = `transformer.h.${layer}.attn`;
  const qk = emitQueriesAndKeys(c, prefix, n, rotary);
  const q = b.op('Transpose', [b.op('Slice', [qk, ...slice(b, 0, nHead, 2)])], {
    perm: [0, 2, 1, 3],
  });
  const newK = b.op('Transpose', [b.op('Slice', [qk, ...slice(b, nHead, MAX_INDEX, 2)])], {
    perm: [0, 2, 3, 1],
  });
  const newV = b.op('Transpose', [emitValues(c, layer, prefix, n)], { perm: [0, 2, 1, 3] });
  const k = emitCache(c, `k.${layer}`, newK, 3);
  const v = emitCache(c, `v.${layer}`, newV, 2);
  const y = emitWeightedSum(c, q, k, v, mask);
  const rows = b.op('Reshape', [
    b.op('Transpose', [y], { perm: [0, 2, 1, 3] }),
    b.integers([-1, nHead * d_head]),
  ]);
  const name = hookPoint(layer, 'hook_attn_out');
  return c.linear(rows, `${prefix}.c_proj.weight`, width, nHead * d_head, name);
}

/** Queries' heads, then keys', after rotary and norm: [B, T, n_head + n_kv_head, d_head]. One product with
 *  c_q's and c_k's rows one under the other. Both norms carry qkScale · d_head^(−1/4): their product is the
 *  attention scale qkScale² / √d_head. */
function emitQueriesAndKeys(c: EmitContext, prefix: string, n: string, rotary: Rotary): string {
  const { b, config, d_head } = c;
  const { n_embd: width, n_head: nHead, n_kv_head: nKvHead } = config;
  const part = (tensor: string, heads: number) => ({
    tensor,
    start: 0,
    length: heads * d_head * width,
  });
  const parts = [part(`${prefix}.c_q.weight`, nHead), part(`${prefix}.c_k.weight`, nKvHead)];
  const flat = c.stacked(n, `${prefix}.c_q,c_k`, parts, width);
  const heads = b.op('Reshape', [flat, c.inputs.headsShape]);
  // (a, b) → (a·cos + b·sin, b·cos − a·sin): the halves swapped, times a sin with the sign of its half.
  const half = d_head / 2;
  const exchanged = Array.from({ length: d_head }, (_, j) => (j + half) % d_head);
  const swapped = b.op('Gather', [heads, b.integers(exchanged)], { axis: 3 });
  const turned = b.op('Add', [
    b.op('Mul', [heads, rotary.cos]),
    b.op('Mul', [swapped, rotary.sin]),
  ]);
  return c.norm(turned, d_head, c.revision.qkScale * d_head ** -0.25);
}

/** Values with their gated value embedding: [B, T, n_kv_head, d_head]. */
function emitValues(c: EmitContext, layer: number, prefix: string, n: string): string {
  const { b, config, d_head, revision } = c;
  const { n_embd: width, n_kv_head: nKvHead, n_layer: nLayer } = config;
  const v = c.linear(n, `${prefix}.c_v.weight`, nKvHead * d_head, width);
  const gateRow = revision.valueEmbeddingGate;
  if (gateRow === null || layer % 2 !== (nLayer - 1) % 2) {
    return b.op('Reshape', [v, c.inputs.headsShape]);
  }
  const { channels, scale } = gateRow;
  const gateIn = b.op('Slice', [n, ...slice(b, 0, channels, 1)]);
  const open = b.op('Sigmoid', [c.linear(gateIn, `${prefix}.ve_gate.weight`, nKvHead, channels)]);
  const gate = b.op('Reshape', [
    b.op('Mul', [open, b.constant(scale)]),
    b.integers([-1, nKvHead, 1]),
  ]);
  const perHead = (x: string) => b.op('Reshape', [x, b.integers([-1, nKvHead, d_head])]);
  const embedded = perHead(c.lookup(`value_embeds.${layer}.weight`, nKvHead * d_head));
  const sum = b.op('Add', [perHead(v), b.op('Mul', [gate, embedded])]);
  return b.op('Reshape', [sum, c.inputs.headsShape]);
}

/** Past and new along `axis`; without a cache only the new ones. */
function emitCache(c: EmitContext, name: string, fresh: string, axis: 2 | 3): string {
  if (!c.variant.hasCache) return fresh;
  const { b, d_head } = c;
  const { n_kv_head: nKvHead } = c.config;
  const shape = ['lanes', nKvHead, d_head, d_head].map((d, i) => (i === axis ? 'past' : d));
  const past = b.input({ name: `past_${name}`, type: 'float32', shape });
  const present = b.op('Concat', [past, fresh], { axis }, `present_${name}`);
  const emptyShape = (lanes: number) =>
    axis === 2 ? [lanes, nKvHead, 0, d_head] : [lanes, nKvHead, d_head, 0];
  c.caches.push({ past, present, emptyShape });
  return present;
}

/** softmax(q k + mask) v, [B, n_head, T, d_head]. With grouped queries the heads that share keys are stacked
 *  in one product (a 0 in Reshape copies that axis of its input). */
function emitWeightedSum(c: EmitContext, q: string, k: string, v: string, mask: string): string {
  const { b } = c;
  const { n_head: nHead, n_kv_head: nKvHead } = c.config;
  const isGrouped = nKvHead < nHead;
  const group = (x: string) =>
    isGrouped ? b.op('Reshape', [x, b.integers([0, nKvHead, -1, 0])]) : x;
  const ungroup = (x: string) =>
    isGrouped ? b.op('Reshape', [x, b.integers([0, nHead, -1, 0])]) : x;
  const scores = b.op('Add', [ungroup(b.op('MatMul', [group(q), k])), mask]);
  const pattern = b.op('Softmax', [scores], { axis: -1 });
  return ungroup(b.op('MatMul', [group(pattern), v]));
}
