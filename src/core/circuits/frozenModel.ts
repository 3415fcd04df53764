// One forward pass of nanochat over a prompt, frozen: attention patterns, the scales of norms, gates and TopK masks
// are numbers from here on, and every MLP is its transcoder and what that leaves over. All that is read between two
// of these is linear (docs/design/circuits.md 2). What the pass gave at its hook points is handed in; the rest is
// computed from it here, in float64, a layer at a time.
import { hookPoint, type HookPoint } from '../activations/hookPoint';
import { ConfigError } from '../errors';
import type { NanochatCheckpoint } from '../model/nanochat';
import {
  attentionPatterns,
  embeddedValues,
  embedTokens,
  weight,
  type ReferenceWeights,
} from '../reference/nanochatReference';
import { strongestLatents } from '../sae/latentActivation';
import type { SaeParams } from '../sae/sae';

export type Floats = Float32Array | Float64Array;

/** A latent of a layer's transcoder that fires at a position. */
export type ActiveLatent = {
  layer: number;
  position: number;
  latentIndex: number;
  act: number;
};

/** What one block decided, and what it reads and writes with. T positions, d = d_model. */
export type FrozenLayer = {
  /** scale of the norm before attention and of the one before the MLP, [T] each */
  attentionScale: Float64Array;
  mlpScale: Float64Array;
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
  transcoder: SaeParams;
  /** y − ŷ, [T, d]: what the transcoder leaves over */
  error: Float64Array;
  /** its active latents, as indices into FrozenModel.latents: those from `first` to before `end` */
  first: number;
  end: number;
};

export type FrozenModel = {
  tokenIds: Int32Array;
  width: number;
  n_head: number;
  n_kv_head: number;
  layers: readonly FrozenLayer[];
  /** by layer, then by position */
  latents: readonly ActiveLatent[];
  /** embeddings before smear, [T, d], and the share of the token before, [T] */
  embed: Float64Array;
  smear: Float64Array;
  /** β, and the layer after which the stream is kept for it; null: the revision has none */
  backout: { factor: number; layer: number } | null;
  /** of the last norm, [T] */
  endScale: Float64Array;
  /** [≥ vocab_size, d] */
  unembedding: Float32Array;
  /** before and after the soft cap, of the last position, [vocab_size] */
  logits: { raw: Float64Array; capped: Float64Array };
};

/** Active latents of each position, in any order. */
export type LayerCode = readonly (readonly { latentIndex: number; act: number }[])[];

export type FrozenPass = {
  checkpoint: Pick<NanochatCheckpoint, 'config' | 'revision' | 'tensors'>;
  tokenIds: Int32Array;
  /** [T, d_model] of resid_pre, resid_mid and mlp_out of every block */
  activations: ReadonlyMap<HookPoint, Floats>;
  /** folded, one per block, in their order */
  transcoders: readonly SaeParams[];
  /** false: a token that transcoders were not trained on, whose MLP is left to the error whole */
  isCounted: (tokenId: number) => boolean;
  /** what each block's transcoder makes of what its MLP reads; absent: computed here */
  codes?: readonly LayerCode[];
  /** lm_head.weight; absent: read */
  unembedding?: Float32Array;
  /** called before each block; throws to cancel */
  onLayer?: (done: number, total: number) => Promise<void>;
};

/** The hook points that a frozen pass needs. */
export function frozenHooks(layers: number): HookPoint[] {
  return Array.from({ length: layers }, (_, layer) => [
    hookPoint(layer, 'hook_resid_pre'),
    hookPoint(layer, 'hook_resid_mid'),
    hookPoint(layer, 'hook_mlp_out'),
  ]).flat();
}

/** Throws ConfigError if a transcoder is missing, of another width or of a kind that is not linear where it fires. */
export async function freeze(pass: FrozenPass): Promise<FrozenModel> {
  const { checkpoint, tokenIds, transcoders } = pass;
  const { config, revision } = checkpoint;
  checkTranscoders(transcoders, config.n_layer, config.n_embd);
  const shared = await readShared(pass);
  const latents: ActiveLatent[] = [];
  const layers: FrozenLayer[] = [];
  for (const layer of transcoders.keys()) {
    await pass.onLayer?.(layer, transcoders.length);
    layers.push(await freezeLayer(pass, shared, layer, latents));
  }
  const backout = revision.hasBackout
    ? {
        factor: weight(shared, 'backout_lambda')[0]!,
        layer: Math.floor(config.n_layer / 2),
      }
    : null;
  const end = endOf(pass, backout);
  const endScale = normScale(end, config.n_embd, revision.normEps);
  const unembedding = pass.unembedding ?? (await readWhole(checkpoint, 'lm_head.weight'));
  const raw = rawLogits(end, endScale, unembedding, config.vocab_size);
  const cap = revision.logitSoftcap;
  const { unsmeared, smear } = embedTokens(shared, Int32Array.from(tokenIds.keys()));
  return {
    tokenIds,
    width: config.n_embd,
    n_head: config.n_head,
    n_kv_head: config.n_kv_head,
    layers,
    latents,
    embed: unsmeared,
    smear,
    backout,
    endScale,
    unembedding,
    logits: { raw, capped: raw.map((value) => cap * Math.tanh(value / cap)) },
  };
}

function checkTranscoders(transcoders: readonly SaeParams[], layers: number, width: number): void {
  if (transcoders.length !== layers || transcoders.some(({ d_in }) => d_in !== width)) {
    throw new ConfigError(
      `A graph needs one transcoder of width ${width} for each of the ${layers} blocks; there are ${transcoders.length}, of width ${transcoders.map(({ d_in }) => d_in).join(', ')}.`,
      'transcoders',
    );
  }
  if (transcoders.some(({ architecture }) => architecture === 'gated')) {
    throw new ConfigError(
      'A gated transcoder has two pre-activations for one latent: a graph cannot show it.',
      'transcoders',
    );
  }
}

async function readWhole({ tensors }: FrozenPass['checkpoint'], name: string) {
  const source = tensors.get(name);
  if (source === undefined) throw new ConfigError(`${name}: not in this checkpoint`, 'model');
  return source.read();
}

/** The rows of a table that the prompt's tokens name, in the prompt's order. */
async function readRows(
  { tensors }: FrozenPass['checkpoint'],
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

type Partly = ReferenceWeights;

/** What belongs to no layer, with the embedding's rows in the prompt's order. */
async function readShared({ checkpoint, tokenIds }: FrozenPass): Promise<Partly> {
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

async function readLayer({ checkpoint, tokenIds }: FrozenPass, layer: number): Promise<Partly> {
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

async function freezeLayer(
  pass: FrozenPass,
  shared: Partly,
  layer: number,
  latents: ActiveLatent[],
): Promise<FrozenLayer> {
  const { config, revision } = pass.checkpoint;
  const width = config.n_embd;
  const own = await readLayer(pass, layer);
  const [pre, mid, written] = frozenHooks(config.n_layer)
    .slice(3 * layer, 3 * layer + 3)
    .map((hook) => activation(pass, hook));
  const attentionScale = normScale(pre!, width, revision.normEps);
  const mlpScale = normScale(mid!, width, revision.normEps);
  const attentionInput = scaled(pre!, attentionScale);
  const transcoder = pass.transcoders[layer]!;
  const code = pass.codes?.[layer] ?? encodeHere(transcoder, scaled(mid!, mlpScale));
  const first = latents.length;
  for (const [position, found] of code.entries()) {
    if (!pass.isCounted(pass.tokenIds[position]!)) continue;
    for (const one of found) latents.push({ layer, position, ...one });
  }
  const scalar = (name: string, otherwise: number) =>
    revision.hasResidualScalars ? weight(shared, name)[layer]! : otherwise;
  const prefix = `transformer.h.${layer}.attn`;
  const kvWidth = (config.n_kv_head * width) / config.n_head;
  return {
    attentionScale,
    mlpScale,
    patterns: attentionPatterns(own, layer, attentionInput),
    embeddedValues: embeddedValues(
      own,
      layer,
      attentionInput,
      Int32Array.from(pass.tokenIds.keys()),
    ),
    W_O: weight(own, `${prefix}.c_proj.weight`),
    W_V: weight(own, `${prefix}.c_v.weight`).subarray(0, kvWidth * width),
    keep: scalar('resid_lambdas', 1),
    again: scalar('x0_lambdas', 0),
    transcoder,
    error: leftOver(transcoder, written!, latents.slice(first)),
    first,
    end: latents.length,
  };
}

function activation({ activations }: FrozenPass, hook: HookPoint): Floats {
  const x = activations.get(hook);
  if (x === undefined) throw new ConfigError(`${hook} was not captured`, 'hook');
  return x;
}

/** 1 / √(mean x² + eps) of each row. */
function normScale(x: Floats, width: number, eps: number): Float64Array {
  return Float64Array.from({ length: x.length / width }, (_, row) => {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += x[i]! ** 2;
    return 1 / Math.sqrt(squares / width + eps);
  });
}

function scaled(x: Floats, scale: Float64Array): Float64Array {
  const width = x.length / scale.length;
  return Float64Array.from(x, (value, at) => value * scale[Math.floor(at / width)]!);
}

function encodeHere(transcoder: SaeParams, read: Float64Array): LayerCode {
  const { d_in: width, d_sae } = transcoder;
  return Array.from({ length: read.length / width }, (_, position) => {
    const x = read.subarray(position * width, (position + 1) * width);
    return strongestLatents(x, transcoder, d_sae);
  });
}

/** y − b_dec − Σ a·d of each position, [T, d]. */
function leftOver(
  { d_in: width, W_dec, b_dec }: SaeParams,
  written: Floats,
  latents: readonly ActiveLatent[],
): Float64Array {
  const error = Float64Array.from(written, (value, at) => value - b_dec[at % width]!);
  for (const { position, latentIndex, act } of latents) {
    for (let i = 0; i < width; i++) {
      error[position * width + i]! -= act * W_dec[latentIndex * width + i]!;
    }
  }
  return error;
}

/** What the last norm reads, [T, d]. */
function endOf(pass: FrozenPass, backout: FrozenModel['backout']): Float64Array {
  const { n_layer: layers } = pass.checkpoint.config;
  const after = (layer: number) => {
    const written = activation(pass, hookPoint(layer, 'hook_mlp_out'));
    const mid = activation(pass, hookPoint(layer, 'hook_resid_mid'));
    return Float64Array.from(mid, (value, at) => value + written[at]!);
  };
  const end = after(layers - 1);
  if (backout === null) return end;
  const kept = after(backout.layer);
  return end.map((value, at) => value - backout.factor * kept[at]!);
}

function rawLogits(
  end: Float64Array,
  endScale: Float64Array,
  unembedding: Float32Array,
  vocabSize: number,
): Float64Array {
  const last = endScale.length - 1;
  const width = end.length / endScale.length;
  const x = end.subarray(last * width);
  return Float64Array.from({ length: vocabSize }, (_, token) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += unembedding[token * width + i]! * x[i]!;
    return sum * endScale[last]!;
  });
}
