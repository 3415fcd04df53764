// One forward pass of nanochat over a prompt, frozen: attention patterns, the scales of norms, gates and TopK masks
// are numbers from here on, and every MLP is its transcoder and what that leaves over. All that is read between two
// of these is linear (docs/design/circuits.md 2). What the pass gave at its hook points is handed in; the rest is
// computed from it here, in float64, a layer at a time.
import { hookPoint } from '../activations/hookPoint';
import { ConfigError } from '../errors';
import { embedTokens, type ReferenceWeights } from '../reference/nanochatReference';
import { strongestLatents } from '../sae/latentActivation';
import type { SaeParams } from '../sae/sae';
import {
  activationOf,
  backoutOf,
  endOf,
  freezeAttention,
  normScale,
  readAttention,
  readShared,
  readWhole,
  scaled,
  type Backout,
  type Floats,
  type FrozenAttention,
  type PromptPass,
} from './promptPass';

/** A latent of a layer's transcoder that fires at a position. */
export type ActiveLatent = {
  layer: number;
  position: number;
  latentIndex: number;
  act: number;
};

/** What one block decided, and what it reads and writes with. T positions, d = d_model. */
export type FrozenLayer = FrozenAttention & {
  /** scale of the norm before the MLP, [T] */
  mlpScale: Float64Array;
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
  backout: Backout | null;
  /** of the last norm, [T] */
  endScale: Float64Array;
  /** [≥ vocab_size, d] */
  unembedding: Float32Array;
  /** before and after the soft cap, of the last position, [vocab_size] */
  logits: { raw: Float64Array; capped: Float64Array };
};

/** Active latents of each position, in any order. */
export type LayerCode = readonly (readonly { latentIndex: number; act: number }[])[];

export type FrozenPass = PromptPass & {
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
  const backout = backoutOf(pass, shared);
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

async function freezeLayer(
  pass: FrozenPass,
  shared: ReferenceWeights,
  layer: number,
  latents: ActiveLatent[],
): Promise<FrozenLayer> {
  const { config, revision } = pass.checkpoint;
  const width = config.n_embd;
  const mid = activationOf(pass, hookPoint(layer, 'hook_resid_mid'));
  const written = activationOf(pass, hookPoint(layer, 'hook_mlp_out'));
  const mlpScale = normScale(mid, width, revision.normEps);
  const transcoder = pass.transcoders[layer]!;
  const code = pass.codes?.[layer] ?? encodeHere(transcoder, scaled(mid, mlpScale));
  const first = latents.length;
  for (const [position, found] of code.entries()) {
    if (!pass.isCounted(pass.tokenIds[position]!)) continue;
    for (const one of found) latents.push({ layer, position, ...one });
  }
  return {
    ...freezeAttention(pass, layer, { own: await readAttention(pass, layer), shared }),
    mlpScale,
    transcoder,
    error: leftOver(transcoder, written, latents.slice(first)),
    first,
    end: latents.length,
  };
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
