// Context shared by the parts of the generated forward pass while it is emitted: the builder, the model's
// description, the graph's inputs and the two idioms of nanochat, its norm and its bias-free linear map.
import type { NanochatConfig, NanochatRevision } from '../core/model/nanochat';
import { MAX_BLOCK_VALUES, type WeightPrecision } from '../core/model/weightPrecision';
import { emitLookup, emitProduct } from './nanochatWeights';
import type { GraphBuilder, WeightRange } from './onnx/graph';
import { makeGraphBuilder } from './onnx/graph';
import { filled } from './onnx/idioms';

/** One KV cache value: `past` is an input, `present` an output and the next step's `past`. */
export type CacheSlot = {
  past: string;
  present: string;
  /** shape before the first token; zeros */
  emptyShape: (lanes: number) => number[];
};

export type GraphVariant = {
  /** read and write a KV cache of past tokens */
  hasCache: boolean;
  /** logits of the last position of each lane only */
  isLastRowOnly: boolean;
  /** of the weights; computing is f32 always. Default f32 */
  precision?: WeightPrecision;
  /** default MAX_BLOCK_VALUES */
  maxBlockValues?: number;
};

/** Context shared by the parts of the forward pass while it is emitted. */
export type EmitContext = {
  b: GraphBuilder;
  config: NanochatConfig;
  revision: NanochatRevision;
  variant: GraphVariant;
  d_head: number;
  inputs: GraphInputs;
  caches: CacheSlot[];
  /** RMS norm over the last axis without weights, times a constant */
  norm: (x: string, width: number, scale?: number, name?: string) => string;
  /** x·Wᵀ with the checkpoint's own [out, in] matrix */
  linear: (x: string, tensor: string, out: number, width: number, name?: string) => string;
  /** x·Wᵀ with [out, in] matrices one under the other, as one product */
  stacked: (x: string, tensor: string, parts: readonly WeightRange[], width: number) => string;
  /** rows `ids` of a table over the vocabulary, [B, T, width] */
  lookup: (tensor: string, width: number) => string;
};

/** `ids` int32 [B, T]. The rest are small int64 vectors that stay on the CPU (shapes and bounds):
 *  `headsShape` [B, T, −1, d_head], `past` [P] and `total` [P + T]. */
type GraphInputs = { ids: string; headsShape: string; past: string; total: string };

export const INPUT_IDS = 'input_ids';
export const HEADS_SHAPE = 'heads_shape';
export const PAST_LENGTH = 'past_length';
export const TOTAL_LENGTH = 'total_length';

export function makeEmitContext(
  config: NanochatConfig,
  revision: NanochatRevision,
  variant: GraphVariant,
): EmitContext {
  const b = makeGraphBuilder();
  const choice = {
    precision: variant.precision ?? 'f32',
    maxBlockValues: variant.maxBlockValues ?? MAX_BLOCK_VALUES,
  };
  const ids = b.input({ name: INPUT_IDS, type: 'int32', shape: ['lanes', 'length'] });
  const product: EmitContext['linear'] = (x, tensor, out, width, name) => {
    const parts = [{ tensor, start: 0, length: out * width }];
    const isVocabulary = tensor === 'lm_head.weight';
    return emitProduct(b, choice, x, { name: tensor, rows: out, width, parts, isVocabulary }, name);
  };
  const scalar = (name: string) => b.input({ name, type: 'int64', shape: [1] });
  return {
    b,
    config,
    revision,
    variant,
    d_head: config.n_embd / config.n_head,
    inputs: {
      ids,
      headsShape: b.input({ name: HEADS_SHAPE, type: 'int64', shape: [4] }),
      past: scalar(PAST_LENGTH),
      total: scalar(TOTAL_LENGTH),
    },
    caches: [],
    norm: (x, width, scale = 1, name) => {
      const weight = filled(b, width, scale);
      const attributes = { axis: -1, epsilon: revision.normEps };
      return b.op('RMSNormalization', [x, weight], attributes, name);
    },
    linear: product,
    stacked: (x, name, parts, width) => {
      const rows = parts.reduce((sum, part) => sum + part.length, 0) / width;
      return emitProduct(b, choice, x, { name, rows, width, parts, isVocabulary: false });
    },
    // Rows beyond vocab_size are padding and no id reaches them.
    lookup: (tensor, width) => {
      const rows = config.vocab_size;
      const parts = [{ tensor, start: 0, length: rows * width }];
      return emitLookup(b, choice, ids, {
        name: tensor,
        rows,
        width,
        parts,
        isVocabulary: true,
      });
    },
  };
}
