// One forward pass of nanochat over a prompt, as its hook points were captured, and what attention decided in it:
// patterns, gates and scales are computed again from the stream, in float64, a block at a time. Knows no transcoder.
import { hookPoint, type HookPoint } from '../activations/hookPoint';
import { ConfigError } from '../errors';
import type { NanochatCheckpoint } from '../model/nanochat';
import {
  attentionPatterns,
  embeddedValues,
  weight,
  type ReferenceWeights,
} from '../reference/nanochatReference';

export type Floats = Float32Array | Float64Array;

export type PromptPass = {
  checkpoint: Pick<NanochatCheckpoint, 'config' | 'revision' | 'tensors'>;
  tokenIds: Int32Array;
  /** [T, d_model] of resid_pre, resid_mid and mlp_out of every block */
  activations: ReadonlyMap<HookPoint, Floats>;
};

/** What a block's attention decided, and what it reads and writes with. T positions, d = d_model. */
export type FrozenAttention = {
  /** scale of the norm before attention, [T] */
  attentionScale: Float64Array;
  /** of each head: the share of key j for query t at t·T + j */
  patterns: readonly Float64Array[];
  /** what value embeddings add to the values, [T, n_kv_head · d_head]; null: none in this layer */
  embeddedValues: Float64Array | null;
  /** [d, d] and [n_kv_head · d_head, d], as the checkpoint has them */
  W_O: Float32Array;
  W_V: Float32Array;
  /** λ of the stream and of x0; 1 and 0 where the revision has none */
  keep: number;
  again: number;
};

/** The hook points that a pass needs. */
export function frozenHooks(layers: number): HookPoint[] {
  return Array.from({ length: layers }, (_, layer) => [
    hookPoint(layer, 'hook_resid_pre'),
    hookPoint(layer, 'hook_resid_mid'),
    hookPoint(layer, 'hook_mlp_out'),
  ]).flat();
}

/** Throws ConfigError if the hook was not captured. */
export function activationOf({ activations }: PromptPass, hook: HookPoint): Floats {
  const x = activations.get(hook);
  if (x === undefined) throw new ConfigError(`${hook} was not captured`, 'hook');
  return x;
}

/** Throws ConfigError if the checkpoint has no such tensor. */
export async function readWhole({ tensors }: PromptPass['checkpoint'], name: string) {
  const source = tensors.get(name);
  if (source === undefined) throw new ConfigError(`${name}: not in this checkpoint`, 'model');
  return source.read();
}

/** The rows of a table that the prompt's tokens name, in the prompt's order. */
async function readRows(
  { tensors }: PromptPass['checkpoint'],
  name: string,
  tokenIds: Int32Array,
): Promise<Float32Array | null> {
  const source = tensors.get(name);
  if (source === undefined) return null;
  const width = source.shape[1]!;
  const rows = new Float32Array(tokenIds.length * width);
  for (const [t, id] of tokenIds.entries()) {
    rows.set(await source.readPart(id * width, (id + 1) * width), t * width);
  }
  return rows;
}

/** What belongs to no layer, with the embedding's rows in the prompt's order. */
export async function readShared({ checkpoint, tokenIds }: PromptPass): Promise<ReferenceWeights> {
  const tensors = new Map<string, Float32Array>();
  const wte = await readRows(checkpoint, 'transformer.wte.weight', tokenIds);
  if (wte !== null) tensors.set('transformer.wte.weight', wte);
  const scalars = ['resid_lambdas', 'x0_lambdas', 'smear_lambda', 'backout_lambda'];
  for (const name of [...scalars, 'smear_gate.weight']) {
    const source = checkpoint.tensors.get(name);
    if (source !== undefined) tensors.set(name, await source.read());
  }
  const { config, revision } = checkpoint;
  return { config, revision, tensors };
}

/** A block's attention, with the value embeddings' rows in the prompt's order. */
export async function readAttention(
  { checkpoint, tokenIds }: PromptPass,
  layer: number,
): Promise<ReferenceWeights> {
  const tensors = new Map<string, Float32Array>();
  const prefix = `transformer.h.${layer}.attn`;
  for (const name of ['c_q', 'c_k', 'c_v', 'c_proj', 've_gate']) {
    const source = checkpoint.tensors.get(`${prefix}.${name}.weight`);
    if (source !== undefined) tensors.set(`${prefix}.${name}.weight`, await source.read());
  }
  const table = `value_embeds.${layer}.weight`;
  const rows = await readRows(checkpoint, table, tokenIds);
  if (rows !== null) tensors.set(table, rows);
  const { config, revision } = checkpoint;
  return { config, revision, tensors };
}

/** own: `readAttention` of the layer; shared: `readShared`. */
export function freezeAttention(
  pass: PromptPass,
  layer: number,
  { own, shared }: { own: ReferenceWeights; shared: ReferenceWeights },
): FrozenAttention {
  const { config, revision } = pass.checkpoint;
  const width = config.n_embd;
  const pre = activationOf(pass, hookPoint(layer, 'hook_resid_pre'));
  const attentionScale = normScale(pre, width, revision.normEps);
  const read = scaled(pre, attentionScale);
  const scalar = (name: string, otherwise: number) =>
    revision.hasResidualScalars ? weight(shared, name)[layer]! : otherwise;
  const prefix = `transformer.h.${layer}.attn`;
  const kvWidth = (config.n_kv_head * width) / config.n_head;
  const positions = Int32Array.from(pass.tokenIds.keys());
  return {
    attentionScale,
    patterns: attentionPatterns(own, layer, read),
    embeddedValues: embeddedValues(own, layer, read, positions),
    W_O: weight(own, `${prefix}.c_proj.weight`),
    W_V: weight(own, `${prefix}.c_v.weight`).subarray(0, kvWidth * width),
    keep: scalar('resid_lambdas', 1),
    again: scalar('x0_lambdas', 0),
  };
}

/** 1 / √(mean x² + eps) of each row. */
export function normScale(x: Floats, width: number, eps: number): Float64Array {
  return Float64Array.from({ length: x.length / width }, (_, row) => {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += x[i]! ** 2;
    return 1 / Math.sqrt(squares / width + eps);
  });
}

export function scaled(x: Floats, scale: Float64Array): Float64Array {
  const width = x.length / scale.length;
  return Float64Array.from(x, (value, at) => value * scale[Math.floor(at / width)]!);
}

/** The factor β, and the layer after which the stream is kept for it. */
export type Backout = { factor: number; layer: number };

/** null: the revision has none. */
export function backoutOf(
  { checkpoint: { revision, config } }: PromptPass,
  shared: ReferenceWeights,
): Backout | null {
  if (!revision.hasBackout) return null;
  const layer = Math.floor(config.n_layer / 2);
  return { factor: weight(shared, 'backout_lambda')[0]!, layer };
}

/** What the last norm reads, [T, d]. */
export function endOf(pass: PromptPass, backout: Backout | null): Float64Array {
  const { n_layer: layers } = pass.checkpoint.config;
  const after = (layer: number) => {
    const written = activationOf(pass, hookPoint(layer, 'hook_mlp_out'));
    const mid = activationOf(pass, hookPoint(layer, 'hook_resid_mid'));
    return Float64Array.from(mid, (value, at) => value + written[at]!);
  };
  const end = after(layers - 1);
  if (backout === null) return end;
  const kept = after(backout.layer);
  return end.map((value, at) => value - backout.factor * kept[at]!);
}

/** The unembedding's mean row, [d]: what moves every logit alike. */
export function meanRow(unembedding: Float32Array, width: number, vocabSize: number): Float64Array {
  const mean = new Float64Array(width);
  for (let token = 0; token < vocabSize; token++) {
    for (let i = 0; i < width; i++) mean[i]! += unembedding[token * width + i]!;
  }
  return mean.map((sum) => sum / vocabSize);
}
