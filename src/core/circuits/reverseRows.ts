// Rows of an attribution graph: how much every source gives, in a frozen forward pass, to each of some latents'
// pre-activations or logits. What a target reads is carried down the layers and meets each source on its way
// (docs/design/circuits.md 2). Exact: a target's edges and biases add up to its value. Many targets at once, so that
// the two products of each layer are of large matrices; who multiplies is handed in.
import { encoderColumn } from '../sae/latentWeights';
import type { FrozenLayer, FrozenModel } from './frozenModel';
import type { Floats } from './promptPass';

/** What is explained: a latent where it fires, or a direction over the vocabulary at the last position. */
export type Target =
  | { kind: 'latent'; layer: number; position: number; latentIndex: number }
  /** Σ over tokens of weight · logit, before the soft cap; `direction` is its row, [d_model] */
  | { kind: 'logit'; direction: Float64Array };

/** Direct effects on one target. T positions. */
export type EdgeRow = {
  /** of each of FrozenModel.latents */
  latents: Floats;
  /** of what each block's transcoder leaves over, layer·T + position */
  errors: Floats;
  /** of each block's value embeddings, layer·T + position */
  valueEmbeddings: Floats;
  /** of each token's embedding, [T] */
  tokens: Floats;
  /** of all b_dec, and of the target's own b_enc */
  bias: number;
};

/** Precision and speed of the rows. */
export type RowProducts = {
  make: (length: number) => Floats;
  /** x·W of the first `rows` rows of x, for W_O or W_V of a layer; valid until the next call */
  multiply: (x: Floats, rows: number, layer: number, matrix: 'W_O' | 'W_V') => Floats;
};

/** In float64, one value after another: the measure of every other. */
export function plainProducts({ layers, width }: FrozenModel): RowProducts {
  return {
    make: (length) => new Float64Array(length),
    multiply: (x, rows, layer, matrix) => {
      const W = layers[layer]![matrix];
      const inner = W.length / width;
      const out = new Float64Array(rows * width);
      for (let row = 0; row < rows; row++) {
        for (let o = 0; o < inner; o++) {
          const factor = x[row * inner + o]!;
          for (let i = 0; i < width; i++) out[row * width + i]! += factor * W[o * width + i]!;
        }
      }
      return out;
    },
  };
}

/** What one target reads of the stream, and of the embedding after smear, of the positions up to its own. */
type Reading = {
  target: Target;
  row: EdgeRow;
  /** [position + 1, d] each */
  v: Floats;
  v0: Floats;
  top: number;
  position: number;
  /** first position that is not 0 in v */
  from: number;
};

/** One row a target, in their order. */
export function reverseRows(
  frozen: FrozenModel,
  targets: readonly Target[],
  products: RowProducts = plainProducts(frozen),
): EdgeRow[] {
  const readings = targets.map((target) => begin(frozen, target, products));
  const highest = readings.reduce((most, { top }) => Math.max(most, top), -1);
  for (let layer = highest; layer >= 0; layer--) {
    const { keep, again } = frozen.layers[layer]!;
    const reached = readings.filter(({ top }) => top >= layer);
    for (const reading of reached) {
      const { target, top } = reading;
      // A latent reads the stream before its own MLP.
      if (target.kind === 'latent' && layer === top) continue;
      if (target.kind === 'logit' && layer === frozen.backout?.layer) {
        readEnd(frozen, target.direction, -frozen.backout.factor, reading.v);
      }
      meetMlp(frozen, layer, reading);
    }
    throughAttention(frozen, layer, reached, products);
    for (const { v, v0 } of reached) {
      // pre = keep · x + again · x0; below the first block x is x0 itself.
      const share = layer === 0 ? keep + again : again;
      for (let i = 0; i < v.length; i++) {
        v0[i]! += share * v[i]!;
        v[i]! *= keep;
      }
    }
  }
  for (const reading of readings) meetTokens(frozen, reading);
  return readings.map(({ row }) => row);
}

/** The sum of a row: its target's value. */
export function rowTotal({ latents, errors, valueEmbeddings, tokens, bias }: EdgeRow): number {
  let total = bias;
  for (const part of [latents, errors, valueEmbeddings, tokens]) {
    for (const edge of part) total += edge;
  }
  return total;
}

/** What the target reads at first, and the layer where it does. */
function begin(frozen: FrozenModel, target: Target, { make }: RowProducts): Reading {
  const { layers, width } = frozen;
  const T = frozen.tokenIds.length;
  const position = target.kind === 'logit' ? T - 1 : target.position;
  const row: EdgeRow = {
    latents: make(frozen.latents.length),
    errors: make(layers.length * T),
    valueEmbeddings: make(layers.length * T),
    tokens: make(T),
    bias: 0,
  };
  const [v, v0] = [make((position + 1) * width), make((position + 1) * width)];
  const reading = { target, row, v, v0, position, from: position };
  if (target.kind === 'logit') {
    readEnd(frozen, target.direction, 1, v);
    return { ...reading, top: layers.length - 1 };
  }
  const { transcoder, mlpScale } = layers[target.layer]!;
  const direction = encoderColumn(transcoder, target.latentIndex);
  const scale = mlpScale[position]!;
  for (let i = 0; i < width; i++) v[position * width + i] = scale * direction[i]!;
  row.bias = transcoder.b_enc[target.latentIndex]!;
  return { ...reading, top: target.layer };
}

/** The last norm and the unembedding, at the last position. */
function readEnd(
  { endScale, width }: FrozenModel,
  direction: Float64Array,
  factor: number,
  v: Floats,
): void {
  const last = endScale.length - 1;
  const scale = factor * endScale[last]!;
  for (let i = 0; i < width; i++) v[last * width + i]! += scale * direction[i]!;
}

/** Latents, errors and b_dec of a block write into the stream that `v` reads. */
function meetMlp({ layers, latents, width }: FrozenModel, layer: number, reading: Reading): void {
  const { v, row, position: last, from } = reading;
  const { first, end, transcoder, error, mlpScale } = layers[layer]!;
  const { W_dec, b_dec } = transcoder;
  const T = mlpScale.length;
  for (let index = first; index < end; index++) {
    const { position, latentIndex, act } = latents[index]!;
    if (position < from || position > last) continue;
    let sum = 0;
    for (let i = 0, at = position * width, to = latentIndex * width; i < width; i++) {
      sum += v[at + i]! * W_dec[to + i]!;
    }
    row.latents[index] = act * sum;
  }
  for (let position = from; position <= last; position++) {
    let [ofError, ofBias] = [0, 0];
    for (let i = 0, at = position * width; i < width; i++) {
      ofError += v[at + i]! * error[at + i]!;
      ofBias += v[at + i]! * b_dec[i]!;
    }
    row.errors[layer * T + position] = ofError;
    row.bias += ofBias;
  }
}

/** v += ŝ·Âᵀ(v·W_O)·W_V of all readings, which meet the value embeddings on the way. */
function throughAttention(
  frozen: FrozenModel,
  layer: number,
  readings: readonly Reading[],
  { make, multiply }: RowProducts,
): void {
  const { width } = frozen;
  const own = frozen.layers[layer]!;
  const kvWidth = own.W_V.length / width;
  const rowsRead = readings.reduce((sum, { position, from }) => sum + position + 1 - from, 0);
  const read = make(rowsRead * width);
  let at = 0;
  for (const { v, from } of readings) {
    read.set(v.subarray(from * width), at);
    at += v.length - from * width;
  }
  const mixed = multiply(read, rowsRead, layer, 'W_O');
  const rows = readings.reduce((sum, { position }) => sum + position + 1, 0);
  const ofValues = make(rows * kvWidth);
  let [row, to] = [0, 0];
  for (const reading of readings) {
    const { position, from } = reading;
    const values = ofValues.subarray(to * kvWidth, (to + position + 1) * kvWidth);
    transposeAttention(frozen, own, { mixed, row, from, position, values });
    if (own.embeddedValues !== null) meetValueEmbeddings(own, layer, values, reading.row);
    for (let j = 0; j <= position; j++) {
      const scale = own.attentionScale[j]!;
      for (let i = j * kvWidth; i < (j + 1) * kvWidth; i++) values[i]! *= scale;
    }
    row += position + 1 - from;
    to += position + 1;
    reading.from = 0;
  }
  const added = multiply(ofValues, rows, layer, 'W_V');
  at = 0;
  for (const { v } of readings) {
    for (let i = 0; i < v.length; i++) v[i]! += added[at + i]!;
    at += v.length;
  }
}

/** values += Âᵀ·mixed of one reading: mixed holds its positions from `from` on, at `row`. */
function transposeAttention(
  { n_head: heads, n_kv_head: kvHeads, width }: FrozenModel,
  { patterns, attentionScale }: FrozenLayer,
  o: { mixed: Floats; row: number; from: number; position: number; values: Floats },
): void {
  const { mixed, values } = o;
  const T = attentionScale.length;
  const d_head = width / heads;
  const kvWidth = kvHeads * d_head;
  for (let head = 0; head < heads; head++) {
    const pattern = patterns[head]!;
    const toHead = Math.floor((head * kvHeads) / heads) * d_head;
    for (let t = o.from; t <= o.position; t++) {
      const given = (o.row + t - o.from) * width + head * d_head;
      for (let j = 0; j <= t; j++) {
        const share = pattern[t * T + j]!;
        if (share === 0) continue;
        const to = j * kvWidth + toHead;
        for (let i = 0; i < d_head; i++) values[to + i]! += share * mixed[given + i]!;
      }
    }
  }
}

function meetValueEmbeddings(
  { embeddedValues, attentionScale }: FrozenLayer,
  layer: number,
  values: Floats,
  row: EdgeRow,
): void {
  const T = attentionScale.length;
  const kvWidth = embeddedValues!.length / T;
  for (let j = 0; j < values.length / kvWidth; j++) {
    let sum = 0;
    for (let i = j * kvWidth; i < (j + 1) * kvWidth; i++) sum += values[i]! * embeddedValues![i]!;
    row.valueEmbeddings[layer * T + j] = sum;
  }
}

/** Smear, transposed, and then the embeddings themselves. */
function meetTokens({ smear, embed, width }: FrozenModel, { v0, row }: Reading): void {
  for (let t = 1; t < v0.length / width; t++) {
    const share = smear[t]!;
    if (share === 0) continue;
    for (let i = 0; i < width; i++) v0[(t - 1) * width + i]! += share * v0[t * width + i]!;
  }
  for (let t = 0; t < v0.length / width; t++) {
    let sum = 0;
    for (let i = t * width; i < (t + 1) * width; i++) sum += v0[i]! * embed[i]!;
    row.tokens[t] = sum;
  }
}
