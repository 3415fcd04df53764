// nanochat's forward pass as one ordered list of ONNX nodes, made from a configuration and a row of the
// revision table; a part that a revision lacks is simply not emitted. Rows of the residual stream are
// lane-major, [B·T, d_model]. Source: nanochat/gpt.py as described in nanochat.md 3. Sessions, segments
// and devices are handled in other files.
import type { HookPoint } from '../core/activations/hookPoint';
import { HOOK_SITES, hookPoint } from '../core/activations/hookPoint';
import type { NanochatConfig, NanochatRevision } from '../core/model/nanochat';
import { emitAttention } from './nanochatAttention';
import type { CacheSlot, EmitContext, GraphVariant } from './nanochatEmit';
import { makeEmitContext } from './nanochatEmit';
import { emitMasks, emitRotary } from './nanochatPositions';
import type { Graph, GraphBuilder } from './onnx/graph';
import { MAX_INDEX, slice } from './onnx/idioms';

export type NanochatGraph = Graph & {
  /** names of the [B·T, d_model] values at every hook of every layer, in the order of computing */
  hooks: readonly HookPoint[];
  /** [B·T or B, vocab_size] */
  logits: string;
  caches: readonly CacheSlot[];
};

/** One element of a vector of scalars in the checkpoint, as a value of shape [1]. */
function lambda(b: GraphBuilder, tensor: string, index: number): string {
  return b.weights(`${tensor}[${index}]`, [1], [{ tensor, start: index, length: 1 }]);
}

/** norm(wte[ids]) and smear; [B·T, n_embd] */
function emitEmbedding(c: EmitContext): string {
  const { b, config, revision } = c;
  const width = config.n_embd;
  const embed = c.norm(c.lookup('transformer.wte.weight', width), width);
  const flat = (x: string) => b.op('Reshape', [x, b.integers([-1, width])]);
  if (revision.smearChannels === null) return flat(embed);
  const channels = revision.smearChannels;
  const before = flat(emitPreviousEmbedding(c, embed));
  const here = flat(embed);
  const gateIn = b.op('Slice', [here, ...slice(b, 0, channels, 1)]);
  const gate = b.op('Sigmoid', [c.linear(gateIn, 'smear_gate.weight', 1, channels)]);
  const weight = b.op('Mul', [gate, lambda(b, 'smear_lambda', 0)]);
  return b.op('Add', [here, b.op('Mul', [weight, before])], {}, 'embed');
}

/** The un-smeared embedding one position earlier, zero before the first; [B, T, n_embd] */
function emitPreviousEmbedding(c: EmitContext, embed: string): string {
  const { b } = c;
  const before = c.variant.hasCache
    ? emitEmbeddingCache(c, embed)
    : b.op('Mul', [b.op('Slice', [embed, ...slice(b, 0, 1, 1)]), b.constant(0)]);
  const shifted = b.op('Concat', [before, embed], { axis: 1 });
  return b.op('Slice', [shifted, ...slice(b, 0, -1, 1)]);
}

/** [B, 1, n_embd]: the last step's last embedding; keeps this step's. */
function emitEmbeddingCache(c: EmitContext, embed: string): string {
  const { b } = c;
  const shape = [1, c.config.n_embd];
  const past = b.input({ name: 'past_embed', type: 'float32', shape: ['lanes', ...shape] });
  const present = b.op('Slice', [embed, ...slice(b, -1, MAX_INDEX, 1)], {}, 'present_embed');
  c.caches.push({ past, present, emptyShape: (lanes) => [lanes, ...shape] });
  return past;
}

/** relu(c_fc n)², back to d_model */
function emitMlp(c: EmitContext, layer: number, n: string): string {
  const width = c.config.n_embd;
  const prefix = `transformer.h.${layer}.mlp`;
  const wide = c.b.op('Relu', [c.linear(n, `${prefix}.c_fc.weight`, 4 * width, width)]);
  const square = c.b.op('Mul', [wide, wide]);
  const name = hookPoint(layer, 'hook_mlp_out');
  return c.linear(square, `${prefix}.c_proj.weight`, width, 4 * width, name);
}

/** The stream at the input of block `layer`: λ·x + λ₀·x0, or x itself before r2. */
function emitResidPre(c: EmitContext, layer: number, x: string, x0: string): string {
  const { b } = c;
  const name = hookPoint(layer, 'hook_resid_pre');
  if (!c.revision.hasResidualScalars) return b.op('Identity', [x], {}, name);
  const kept = b.op('Mul', [x, lambda(b, 'resid_lambdas', layer)]);
  const added = b.op('Mul', [x0, lambda(b, 'x0_lambdas', layer)]);
  return b.op('Add', [kept, added], {}, name);
}

/** softcap · tanh(lm_head x / softcap), cropped to vocab_size by taking lm_head's first rows. */
function emitLogits(c: EmitContext, x: string): string {
  const { b, config, variant } = c;
  let rows = x;
  if (variant.isLastRowOnly) {
    const lanes = b.op('Reshape', [x, c.inputs.headsShape]);
    const last = b.op('Slice', [lanes, ...slice(b, -1, MAX_INDEX, 1)]);
    rows = b.op('Reshape', [last, b.integers([-1, config.n_embd])]);
  }
  const cap = c.revision.logitSoftcap;
  const n = c.norm(rows, config.n_embd);
  const raw = c.linear(n, 'lm_head.weight', config.vocab_size, config.n_embd);
  const bounded = b.op('Tanh', [b.op('Mul', [raw, b.constant(1 / cap)])]);
  return b.op('Mul', [bounded, b.constant(cap)], {}, 'logits');
}

/** The whole forward pass. Never throws; if the checkpoint lacks a tensor, reading it fails later. */
export function makeNanochatGraph(
  config: NanochatConfig,
  revision: NanochatRevision,
  variant: GraphVariant,
): NanochatGraph {
  const c = makeEmitContext(config, revision, variant);
  const { b } = c;
  const rotary = emitRotary(c);
  const maskOf = emitMasks(c);
  const x0 = emitEmbedding(c);
  let x = x0;
  let backout: string | null = null;
  for (let layer = 0; layer < config.n_layer; layer++) {
    const width = config.n_embd;
    const pre = emitResidPre(c, layer, x, x0);
    const attnOut = emitAttention(c, layer, c.norm(pre, width), rotary, maskOf(layer));
    const mid = b.op('Add', [pre, attnOut], {}, hookPoint(layer, 'hook_resid_mid'));
    const read = c.norm(mid, width, 1, hookPoint(layer, 'ln2.hook_normalized'));
    const mlpOut = emitMlp(c, layer, read);
    x = b.op('Add', [mid, mlpOut], {}, hookPoint(layer, 'hook_resid_post'));
    if (revision.hasBackout && layer === Math.floor(config.n_layer / 2)) backout = x;
  }
  if (backout !== null) {
    x = b.op('Sub', [x, b.op('Mul', [backout, lambda(b, 'backout_lambda', 0)])]);
  }
  const logits = emitLogits(c, x);
  const layers = Array.from({ length: config.n_layer }, (_, layer) => layer);
  const hooks = layers.flatMap((layer) => HOOK_SITES.map((site) => hookPoint(layer, site)));
  return { ...b.finish(), hooks, logits, caches: c.caches };
}
