// nanochat's forward pass in f64, slow and plain: the CPU twin of the generated graph, written from
// nanochat.md 3 alone. One sequence, no cache, edits as a callback. It must not know ONNX.
import { roundToBf16 } from '../numeric/float16';
import { softmax } from '../numeric/softmax';
import { dot } from '../numeric/vectors';
import type { HookPoint, HookSite } from '../activations/hookPoint';
import { hookPoint } from '../activations/hookPoint';
import type { NanochatCheckpoint, NanochatConfig, NanochatRevision } from '../model/nanochat';

export type ReferenceWeights = {
  config: NanochatConfig;
  revision: NanochatRevision;
  tensors: ReadonlyMap<string, Float32Array>;
};

/** Called with every hook's [T, d_model] rows; may change them in place. */
export type HookVisitor = (hook: HookPoint, x: Float64Array) => void;

/** Reads all tensors at once, so for small models only. */
export async function readReferenceWeights(c: NanochatCheckpoint): Promise<ReferenceWeights> {
  const tensors = new Map<string, Float32Array>();
  for (const [name, source] of c.tensors) tensors.set(name, await source.read());
  return { config: c.config, revision: c.revision, tensors };
}

export function weight(w: ReferenceWeights, name: string): Float32Array {
  const found = w.tensors.get(name);
  if (found === undefined) throw new Error(`reference: no tensor ${name}`);
  return found;
}

/** Each run of `width` values over the root of its mean square and eps. */
function norm(x: Float64Array, width: number, eps: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += width) {
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += x[i]! ** 2;
    const scale = 1 / Math.sqrt(sum / width + eps);
    for (let i = row; i < row + width; i++) out[i] = x[i]! * scale;
  }
  return out;
}

/** x [T, stride], of which the first `width` columns are read, times Wᵀ; W [out, width]. → [T, out] */
function linear(
  x: Float64Array,
  stride: number,
  W: Float32Array,
  width: number,
  out: number,
): Float64Array {
  const rows = x.length / stride;
  const y = new Float64Array(rows * out);
  for (let t = 0; t < rows; t++) {
    for (let o = 0; o < out; o++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += x[t * stride + i]! * W[o * width + i]!;
      y[t * out + o] = sum;
    }
  }
  return y;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function gatherRows(table: Float32Array, width: number, ids: Int32Array): Float64Array {
  const out = new Float64Array(ids.length * width);
  ids.forEach((id, t) => out.set(table.subarray(id * width, (id + 1) * width), t * width));
  return out;
}

/** norm(wte[ids]) before smear, [T, d_model], and how much of the token before smear adds to each, [T]: 0 where the
 *  revision has none. */
export function embedTokens(
  w: ReferenceWeights,
  ids: Int32Array,
): { unsmeared: Float64Array; smear: Float64Array } {
  const width = w.config.n_embd;
  const table = weight(w, 'transformer.wte.weight');
  const unsmeared = norm(gatherRows(table, width, ids), width, w.revision.normEps);
  const smear = new Float64Array(ids.length);
  const channels = w.revision.smearChannels;
  if (channels === null) return { unsmeared, smear };
  const gate = linear(unsmeared, width, weight(w, 'smear_gate.weight'), channels, 1);
  const smearLambda = weight(w, 'smear_lambda')[0]!;
  for (let t = 1; t < ids.length; t++) smear[t] = smearLambda * sigmoid(gate[t]!);
  return { unsmeared, smear };
}

/** norm(wte[ids]), with smear if the revision has it. */
function embed(w: ReferenceWeights, ids: Int32Array): Float64Array {
  const { unsmeared, smear } = embedTokens(w, ids);
  const width = w.config.n_embd;
  return unsmeared.map((value, at) => {
    const share = smear[Math.floor(at / width)]!;
    return share === 0 ? value : value + share * unsmeared[at - width]!;
  });
}

/** cos and sin of t · base^(−2j/d_head). The angle is rounded to f32 where nanochat rounds: near position 200
 *  the goldens show the difference (3e-4 in the last residual stream against 1.5e-4). Before r4 the results
 *  are bf16 (1e-2 in the logits). */
function rotation(w: ReferenceWeights, t: number, j: number): readonly [number, number] {
  const d_head = w.config.n_embd / w.config.n_head;
  const exponent = Math.fround((2 * j) / d_head);
  const frequency = Math.fround(1 / Math.fround(w.revision.rotaryBase ** exponent));
  const angle = Math.fround(t * frequency);
  const exact = [Math.cos(angle), Math.sin(angle)] as const;
  if (w.revision.rotaryDtype === 'f32') return exact;
  const [cos, sin] = roundToBf16(Float32Array.from(exact));
  return [cos!, sin!];
}

/** Rotary on each head of x [T, heads, d_head], then norm, then the revision's scale. */
function rotateAndNorm(w: ReferenceWeights, x: Float64Array, heads: number): Float64Array {
  const d_head = w.config.n_embd / w.config.n_head;
  const half = d_head / 2;
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length / d_head; row++) {
    const t = Math.floor(row / heads);
    for (let j = 0; j < half; j++) {
      const [cos, sin] = rotation(w, t, j);
      const a = x[row * d_head + j]!;
      const b = x[row * d_head + j + half]!;
      out[row * d_head + j] = a * cos + b * sin;
      out[row * d_head + j + half] = b * cos - a * sin;
    }
  }
  return norm(out, d_head, w.revision.normEps).map((value) => value * w.revision.qkScale);
}

/** What value embeddings add to a layer's values, gated, [T, n_kv_head · d_head]; n: what its attention reads. null:
 *  it has none. */
export function embeddedValues(
  w: ReferenceWeights,
  layer: number,
  n: Float64Array,
  ids: Int32Array,
): Float64Array | null {
  const { n_embd: width, n_head: nHead, n_kv_head: nKvHead } = w.config;
  const d_head = width / nHead;
  const row = w.revision.valueEmbeddingGate;
  const table = w.tensors.get(`value_embeds.${layer}.weight`);
  if (row === null || table === undefined) return null;
  const gateWeight = weight(w, `transformer.h.${layer}.attn.ve_gate.weight`);
  const gate = linear(n, width, gateWeight, row.channels, nKvHead);
  return gatherRows(table, nKvHead * d_head, ids).map(
    (value, i) => row.scale * sigmoid(gate[Math.floor(i / d_head)]!) * value,
  );
}

function isShort(config: NanochatConfig, layer: number): boolean {
  const letter = config.window_pattern[layer % config.window_pattern.length];
  return letter === 'S' && layer !== config.n_layer - 1;
}

/** Attention of each head of a layer: the share of key j for query t at t·T + j. n: what it reads, [T, d_model]. */
export function attentionPatterns(
  w: ReferenceWeights,
  layer: number,
  n: Float64Array,
): Float64Array[] {
  const { config, revision } = w;
  const { n_embd: width, n_head: nHead, n_kv_head: nKvHead } = config;
  const d_head = width / nHead;
  const T = n.length / width;
  const project = (name: string, heads: number) => {
    const W = weight(w, `transformer.h.${layer}.attn.${name}.weight`);
    return rotateAndNorm(w, linear(n, width, W, width, heads * d_head), heads);
  };
  const [q, k] = [project('c_q', nHead), project('c_k', nKvHead)];
  const window = isShort(config, layer)
    ? revision.shortWindow(config.sequence_len)
    : config.sequence_len;
  return Array.from({ length: nHead }, (_, head) => {
    const pattern = new Float64Array(T * T);
    const kvHead = Math.floor((head * nKvHead) / nHead);
    for (let t = 0; t < T; t++) {
      const query = q.subarray((t * nHead + head) * d_head, (t * nHead + head + 1) * d_head);
      const first = Math.max(0, t - window);
      const scores = Float64Array.from({ length: t + 1 - first }, (_score, offset) => {
        const at = ((first + offset) * nKvHead + kvHead) * d_head;
        return dot(query, k.subarray(at, at + d_head)) / Math.sqrt(d_head);
      });
      pattern.set(softmax(scores), t * T + first);
    }
    return pattern;
  });
}

function attention(w: ReferenceWeights, layer: number, n: Float64Array, ids: Int32Array) {
  const { n_embd: width, n_head: nHead, n_kv_head: nKvHead } = w.config;
  const d_head = width / nHead;
  const kvWidth = nKvHead * d_head;
  const prefix = `transformer.h.${layer}.attn`;
  const v = linear(n, width, weight(w, `${prefix}.c_v.weight`), width, kvWidth);
  embeddedValues(w, layer, n, ids)?.forEach((value, i) => (v[i]! += value));
  const T = ids.length;
  const y = new Float64Array(T * width);
  attentionPatterns(w, layer, n).forEach((pattern, head) => {
    const from = Math.floor((head * nKvHead) / nHead) * d_head;
    for (let t = 0; t < T; t++) {
      for (let j = 0; j <= t; j++) {
        const share = pattern[t * T + j]!;
        if (share === 0) continue;
        const to = t * width + head * d_head;
        for (let i = 0; i < d_head; i++) y[to + i]! += share * v[j * kvWidth + from + i]!;
      }
    }
  });
  return linear(y, width, weight(w, `${prefix}.c_proj.weight`), width, width);
}

function mlp(w: ReferenceWeights, layer: number, n: Float64Array): Float64Array {
  const width = w.config.n_embd;
  const prefix = `transformer.h.${layer}.mlp`;
  const wide = linear(n, width, weight(w, `${prefix}.c_fc.weight`), width, 4 * width);
  const square = wide.map((value) => Math.max(0, value) ** 2);
  return linear(square, 4 * width, weight(w, `${prefix}.c_proj.weight`), 4 * width, width);
}

/** One block; returns resid_post. Every hook is shown to `visit` before it is used. */
function block(
  w: ReferenceWeights,
  layer: number,
  pre: Float64Array,
  ids: Int32Array,
  visit: HookVisitor,
): Float64Array {
  const width = w.config.n_embd;
  const visited = (site: HookSite, x: Float64Array) => {
    visit(hookPoint(layer, site), x);
    return x;
  };
  const plus = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + y[i]!);
  visited('hook_resid_pre', pre);
  const attnOut = visited(
    'hook_attn_out',
    attention(w, layer, norm(pre, width, w.revision.normEps), ids),
  );
  const mid = visited('hook_resid_mid', plus(pre, attnOut));
  const read = visited('ln2.hook_normalized', norm(mid, width, w.revision.normEps));
  const mlpOut = visited('hook_mlp_out', mlp(w, layer, read));
  return visited('hook_resid_post', plus(mid, mlpOut));
}

/** ids: [T]. Returns the embedding [T, d_model] and the logits [T, vocab_size]. */
export function nanochatReference(
  w: ReferenceWeights,
  ids: Int32Array,
  visit: HookVisitor = () => undefined,
): { embed: Float64Array; logits: Float64Array } {
  const { config, revision } = w;
  const width = config.n_embd;
  const x0 = embed(w, ids);
  let x = x0;
  let backout: Float64Array | null = null;
  for (let layer = 0; layer < config.n_layer; layer++) {
    // A copy even before r2: an edit of this hook must not reach x0.
    let pre = x.slice();
    if (revision.hasResidualScalars) {
      const kept = weight(w, 'resid_lambdas')[layer]!;
      const added = weight(w, 'x0_lambdas')[layer]!;
      pre = pre.map((value, i) => kept * value + added * x0[i]!);
    }
    x = block(w, layer, pre, ids, visit);
    if (revision.hasBackout && layer === Math.floor(config.n_layer / 2)) backout = x;
  }
  if (backout !== null) {
    const subtracted = backout;
    const backoutLambda = weight(w, 'backout_lambda')[0]!;
    x = x.map((value, i) => value - backoutLambda * subtracted[i]!);
  }
  const n = norm(x, width, w.revision.normEps);
  const raw = linear(n, width, weight(w, 'lm_head.weight'), width, config.vocab_size);
  const cap = revision.logitSoftcap;
  return { embed: x0, logits: raw.map((value) => cap * Math.tanh(value / cap)) };
}
