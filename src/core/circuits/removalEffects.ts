// What taking something out of an MLP's output does to logits while part of the forward pass is held as it was: forwards,
// as differences from the captured pass. With attention held and all else free it is circuit-tracer's intervention
// (feature_intervention, freeze_attention); with everything held it is what an attribution graph adds up backwards.
import { hookPoint } from '../activations/hookPoint';
import { embeddedValues, type ReferenceWeights } from '../reference/nanochatReference';
import { encoderColumn } from '../sae/latentWeights';
import type { FrozenModel } from './frozenModel';
import {
  activationOf,
  backoutOf,
  endOf,
  freezeAttention,
  meanRow,
  normScale,
  readAttention,
  readShared,
  readWhole,
  scaled,
  type Floats,
  type FrozenAttention,
  type PromptPass,
} from './promptPass';

/** What is taken out of `hook_mlp_out` at one position. */
export type Removal = { layer: number; position: number; written: Floats };

/** A token's logit before the soft cap, less another's or, null, the mean of the vocabulary. */
export type AskedLogit = { tokenId: number; against: number | null };

/** Attention patterns; those, gates and the scales of the blocks' norms; the last norm's, too; all that, and each MLP its
 *  transcoder with the features that were active. */
export type Held = 'attention' | 'blocks' | 'norms' | { features: FrozenModel };

/** Row-major [inner, columns]. */
type FixedMatrix = { values: Float32Array; inner: number; columns: number };

/** x·W for some matrices. */
type FixedProducts = {
  make: (length: number) => Floats;
  /** of the first `rows` rows of x; valid until the next call */
  multiply: (x: Floats, rows: number, matrix: number) => Floats;
  dispose: () => void;
};
export type MakeProducts = (matrices: readonly FixedMatrix[]) => Promise<FixedProducts>;

/** In float64, one value after another: the measure of every other. */
export const plainFixedProducts: MakeProducts = (matrices) =>
  Promise.resolve({
    make: (length) => new Float64Array(length),
    multiply: (x, rows, matrix) => {
      const { values, inner, columns } = matrices[matrix]!;
      const out = new Float64Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < inner; i++) {
          const factor = x[row * inner + i]!;
          if (factor === 0) continue;
          for (let o = 0; o < columns; o++) {
            out[row * columns + o]! += factor * values[i * columns + o]!;
          }
        }
      }
      return out;
    },
    dispose: () => undefined,
  });

export type RemovalPass = PromptPass & {
  unembedding: Float32Array;
  makeProducts: MakeProducts;
  /** called before each block; throws to cancel */
  onLayer?: (done: number, total: number) => Promise<void>;
};

/** The rows of one removal: its position and all later ones. */
type Rerun = Removal & { index: number; first: number };

/** Rows of an MLP's hidden layer at once: four times as wide as the stream. */
const HIDDEN_ROWS = 512;

/** The change of each logit by each removal alone, [removals][logits]. */
export async function removalEffects(
  pass: RemovalPass,
  { removals, logits }: { removals: readonly Removal[]; logits: readonly AskedLogit[] },
  held: Held,
): Promise<number[][]> {
  const { config } = pass.checkpoint;
  const width = config.n_embd;
  const T = pass.tokenIds.length;
  const shared = await readShared(pass);
  const backout = backoutOf(pass, shared);
  // Those that begin lower come first, so that the rows that a block changes are the first ones.
  let rows = 0;
  const reruns = removals
    .map((removal, index): Rerun => ({ ...removal, index, first: 0 }))
    .sort((a, b) => a.layer - b.layer);
  for (const rerun of reruns) {
    rerun.first = rows;
    rows += T - rerun.position;
  }
  const delta = new Float64Array(rows * width);
  const lastOf = ({ first, position }: Rerun) => (first + T - position - 1) * width;
  const kept = new Float64Array(reruns.length * width);
  for (let layer = 0; layer < config.n_layer; layer++) {
    await pass.onLayer?.(layer, config.n_layer);
    const reached = reruns.filter((rerun) => rerun.layer < layer);
    if (reached.length > 0) await throughBlock(pass, { layer, shared, held, reached, delta });
    for (const { first, written } of reruns.filter((rerun) => rerun.layer === layer)) {
      for (let i = 0; i < width; i++) delta[first * width + i] = -written[i]!;
    }
    if (layer !== backout?.layer) continue;
    reruns.forEach((rerun, at) => {
      const last = lastOf(rerun);
      kept.set(delta.subarray(last, last + width), at * width);
    });
  }
  const end = endOf(pass, backout).subarray((T - 1) * width);
  const directions = directionsOf(pass, logits);
  const changes: number[][] = removals.map(() => []);
  reruns.forEach((rerun, at) => {
    const last = lastOf(rerun);
    const change = Float64Array.from(
      delta.subarray(last, last + width),
      (value, i) => value - (backout?.factor ?? 0) * kept[at * width + i]!,
    );
    const isHeld = held !== 'attention' && held !== 'blocks';
    const read = normChange({ base: end, change, eps: pass.checkpoint.revision.normEps, isHeld });
    changes[rerun.index] = directions.map((direction) =>
      direction.reduce((sum, value, i) => sum + value * read[i]!, 0),
    );
  });
  return changes;
}

function directionsOf(
  { unembedding, checkpoint: { config } }: RemovalPass,
  logits: readonly AskedLogit[],
): Float64Array[] {
  const width = config.n_embd;
  const rowOf = (tokenId: number) => unembedding.subarray(tokenId * width, (tokenId + 1) * width);
  const mean = meanRow(unembedding, width, config.vocab_size);
  return logits.map(({ tokenId, against }) => {
    const from = against === null ? mean : rowOf(against);
    return Float64Array.from(rowOf(tokenId), (value, i) => value - from[i]!);
  });
}

/** What a norm gives more for `change` than for `base` alone, one row. */
function normChange(o: {
  base: Floats;
  change: Floats;
  eps: number;
  isHeld: boolean;
}): Float64Array {
  const { base, change, eps, isHeld } = o;
  const scale = normScale(base, base.length, eps)[0]!;
  if (isHeld) return Float64Array.from(change, (value) => scale * value);
  const changed = Float64Array.from(change, (value, i) => base[i]! + value);
  const after = normScale(changed, base.length, eps)[0]!;
  return changed.map((value, i) => after * value - scale * base[i]!);
}

type BlockStep = {
  layer: number;
  shared: ReferenceWeights;
  held: Held;
  reached: readonly Rerun[];
  /** [rows, d_model] of all reruns, changed in place */
  delta: Float64Array;
};

async function throughBlock(pass: RemovalPass, step: BlockStep): Promise<void> {
  const { layer, shared, held, reached, delta } = step;
  const { checkpoint, tokenIds } = pass;
  const width = checkpoint.config.n_embd;
  const own = await readAttention(pass, layer);
  const attention = freezeAttention(pass, layer, { own, shared });
  const last = reached.at(-1)!;
  const rows = last.first + tokenIds.length - last.position;
  const places = reached.flatMap(({ position }) =>
    Array.from({ length: tokenIds.length - position }, (_, row) => position + row),
  );
  const changed = delta.subarray(0, rows * width);
  for (let at = 0; at < changed.length; at++) changed[at]! *= attention.keep;
  await throughAttention(pass, { ...step, own, attention, places, changed });
  if (typeof held === 'object') throughFeatures(held.features, { layer, places, changed });
  else await throughMlp(pass, { layer, held, places, changed });
}

/** Norm changes of every row before a block's attention or MLP. places: its position; changed: [rows, d]. */
function readChanges(
  pass: RemovalPass,
  o: { base: Floats; held: Held; places: readonly number[]; changed: Float64Array },
): Float64Array {
  const { config, revision } = pass.checkpoint;
  const width = config.n_embd;
  const out = new Float64Array(o.changed.length);
  o.places.forEach((position, row) => {
    const base = o.base.subarray(position * width, (position + 1) * width);
    const change = o.changed.subarray(row * width, (row + 1) * width);
    const isHeld = o.held !== 'attention';
    out.set(normChange({ base, change, eps: revision.normEps, isHeld }), row * width);
  });
  return out;
}

type AttentionStep = BlockStep & {
  own: ReferenceWeights;
  attention: FrozenAttention;
  places: readonly number[];
  changed: Float64Array;
};

/** changed += W_O·Â·Δv: the values answer, the patterns do not. */
async function throughAttention(pass: RemovalPass, o: AttentionStep): Promise<void> {
  const { layer, held, reached, attention, places, changed } = o;
  const { n_embd: width, n_head: heads, n_kv_head: kvHeads } = pass.checkpoint.config;
  const T = pass.tokenIds.length;
  const d_head = width / heads;
  const kvWidth = kvHeads * d_head;
  const products = await pass.makeProducts([
    transposed(attention.W_V, kvWidth, width),
    transposed(attention.W_O, width, width),
  ]);
  try {
    const base = activationOf(pass, hookPoint(layer, 'hook_resid_pre'));
    const read = readChanges(pass, { base, held, places, changed });
    const values = products.make(places.length * kvWidth);
    const input = products.make(read.length);
    input.set(read);
    values.set(products.multiply(input, places.length, 0).subarray(0, values.length));
    if (held === 'attention') addGateChanges(pass, { ...o, read, values });
    const mixed = products.make(places.length * width);
    for (const { first, position } of reached) {
      for (let head = 0; head < heads; head++) {
        const pattern = attention.patterns[head]!;
        const from = Math.floor((head * kvHeads) / heads) * d_head;
        for (let t = position; t < T; t++) {
          const to = (first + t - position) * width + head * d_head;
          for (let j = position; j <= t; j++) {
            const share = pattern[t * T + j]!;
            const value = (first + j - position) * kvWidth + from;
            for (let i = 0; i < d_head; i++) mixed[to + i]! += share * values[value + i]!;
          }
        }
      }
    }
    const added = products.multiply(mixed, places.length, 1);
    for (let at = 0; at < changed.length; at++) changed[at]! += added[at]!;
  } finally {
    products.dispose();
  }
}

/** Value embeddings are let through by a gate that reads the stream. */
function addGateChanges(
  pass: RemovalPass,
  o: AttentionStep & { read: Float64Array; values: Floats },
): void {
  const { embeddedValues: before, attentionScale } = o.attention;
  if (before === null) return;
  const pre = activationOf(pass, hookPoint(o.layer, 'hook_resid_pre'));
  const normed = scaled(pre, attentionScale);
  const width = pass.checkpoint.config.n_embd;
  const kvWidth = before.length / attentionScale.length;
  const read = Float64Array.from(o.read, (value, at) => {
    return value + normed[o.places[Math.floor(at / width)]! * width + (at % width)]!;
  });
  const after = embeddedValues(o.own, o.layer, read, Int32Array.from(o.places))!;
  after.forEach((value, at) => {
    const position = o.places[Math.floor(at / kvWidth)]!;
    o.values[at]! += value - before[position * kvWidth + (at % kvWidth)]!;
  });
}

type MlpStep = { layer: number; places: readonly number[]; changed: Float64Array };

/** changed += what the model's own MLP answers. */
async function throughMlp(pass: RemovalPass, o: MlpStep & { held: Held }): Promise<void> {
  const { layer, held, places, changed } = o;
  const { config, revision } = pass.checkpoint;
  const width = config.n_embd;
  const wide = 4 * width;
  const prefix = `transformer.h.${layer}.mlp`;
  const products = await pass.makeProducts([
    transposed(await readWhole(pass.checkpoint, `${prefix}.c_fc.weight`), wide, width),
    transposed(await readWhole(pass.checkpoint, `${prefix}.c_proj.weight`), width, wide),
  ]);
  try {
    const base = activationOf(pass, hookPoint(layer, 'hook_resid_mid'));
    const normed = products.make(base.length);
    normed.set(scaled(base, normScale(base, width, revision.normEps)));
    const hidden = products.multiply(normed, pass.tokenIds.length, 0).slice();
    const read = readChanges(pass, { base, held, places, changed });
    for (let from = 0; from < places.length; from += HIDDEN_ROWS) {
      const some = places.slice(from, from + HIDDEN_ROWS);
      const input = products.make(some.length * width);
      input.set(read.subarray(from * width, (from + some.length) * width));
      const more = products.multiply(input, some.length, 0);
      const answer = products.make(some.length * wide);
      some.forEach((position, row) => {
        for (let i = 0; i < wide; i++) {
          const before = hidden[position * wide + i]!;
          answer[row * wide + i] =
            Math.max(0, before + more[row * wide + i]!) ** 2 - Math.max(0, before) ** 2;
        }
      });
      const added = products.multiply(answer, some.length, 1);
      for (let at = 0; at < some.length * width; at++) changed[from * width + at]! += added[at]!;
    }
  } finally {
    products.dispose();
  }
}

/** changed += what the features that were active write more or less, each in proportion to what it reads. */
function throughFeatures(frozen: FrozenModel, { layer, places, changed }: MlpStep): void {
  const { width, latents, layers } = frozen;
  const { transcoder, mlpScale, first, end } = layers[layer]!;
  const read = changed.slice();
  for (let index = first; index < end; index++) {
    const { position, latentIndex } = latents[index]!;
    const direction = encoderColumn(transcoder, latentIndex);
    const factor =
      transcoder.architecture === 'topk' ? (transcoder.actScale?.[latentIndex] ?? 1) : 1;
    places.forEach((place, row) => {
      if (place !== position) return;
      let more = 0;
      for (let i = 0; i < width; i++) more += direction[i]! * read[row * width + i]!;
      more *= factor * mlpScale[position]!;
      for (let i = 0; i < width; i++) {
        changed[row * width + i]! += more * transcoder.W_dec[latentIndex * width + i]!;
      }
    });
  }
}

/** [out, inner] as the checkpoint has it → [inner, out]. */
function transposed(W: Float32Array, columns: number, inner: number): FixedMatrix {
  const values = new Float32Array(columns * inner);
  for (let o = 0; o < columns; o++) {
    for (let i = 0; i < inner; i++) values[i * columns + o] = W[o * inner + i]!;
  }
  return { values, inner, columns };
}
