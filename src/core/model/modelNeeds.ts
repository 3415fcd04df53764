// How many bytes a model needs and whether a machine has them: arithmetic over names and shapes,
// before any weight is read. Pages cannot see free GPU memory, so "fits" means that the limits allow it.
import type { NanochatConfig } from './nanochat';
import type { WeightPrecision } from './weightPrecision';
import {
  MAX_BLOCK_VALUES,
  rowBlocks,
  WEIGHT_PRECISIONS,
  weightBytes,
  weightForm,
} from './weightPrecision';

export type ModelNeeds = {
  precision: WeightPrecision;
  /** all weights in the form they are computed with, scales included */
  weights: number;
  /** the largest single buffer: a block of weights, widened if it is f16, a layer's cache, the logits */
  largestBinding: number;
  /** keys and values of two lanes at full context, the step before and the step after */
  cache: number;
  /** memory of a pass over PASS_TOKENS tokens, in addition to the weights */
  activations: number;
};

export type MachineLimits =
  | {
      backend: 'webgpu';
      /** GPUSupportedLimits, bytes */
      maxBufferSize: number;
      maxStorageBufferBindingSize: number;
      /** the device feature shader-f16 */
      hasHalf: boolean;
    }
  | { backend: 'wasm' };

/** Tensors by name, as the checkpoint has them. */
type Shapes = ReadonlyMap<string, { shape: readonly number[] }>;

/** Most bytes of weights on the processor: above that, a token takes seconds (interface.md 2). */
const WASM_WEIGHT_BYTES = 200_000_000;
/** Weights up to this size are no burden on a GPU: they stay in f32 unless the user chooses otherwise. */
const COMFORTABLE_BYTES = 256_000_000;
/** Tokens of one pass when activations are captured, in sequences of PASS_LENGTH. */
const PASS_TOKENS = 1024;
const PASS_LENGTH = 256;
const LANES = 2;

/** Decimal units, as the page writes bytes everywhere. */
function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

const isVocabularyTensor = (name: string) =>
  /^(transformer\.wte|lm_head|value_embeds\.\d+)\.weight$/.test(name);

/** Needs of a checkpoint in one precision. */
export function modelNeeds(
  config: NanochatConfig,
  tensors: Shapes,
  precision: WeightPrecision,
): ModelNeeds {
  let weights = 0;
  let largestBinding = 0;
  for (const [name, { shape }] of tensors) {
    const isVocabulary = isVocabularyTensor(name);
    const width = shape.at(-1) ?? 1;
    const allRows = shape.slice(0, -1).reduce((product, n) => product * n, 1);
    // Padding rows are never loaded.
    const rows = isVocabulary ? Math.min(allRows, config.vocab_size) : allRows;
    const form = weightForm(precision, { rows, width, isVocabulary });
    weights += weightBytes(rows * width, form);
    const block = Math.max(...rowBlocks(rows, width, MAX_BLOCK_VALUES).map((b) => b.rows)) * width;
    const isProduct = !isVocabulary || name === 'lm_head.weight';
    const widened = form === 'f16' && isProduct ? 'f32' : form;
    largestBinding = Math.max(largestBinding, weightBytes(block, widened));
  }
  const d_head = config.n_embd / config.n_head;
  const layerCache = 4 * LANES * config.n_kv_head * d_head * config.sequence_len;
  const length = Math.min(PASS_LENGTH, config.sequence_len);
  const stream = 4 * PASS_TOKENS * config.n_embd;
  const scores = 4 * PASS_TOKENS * length * config.n_head;
  const logits = 4 * LANES * config.vocab_size;
  return {
    precision,
    weights,
    largestBinding: Math.max(largestBinding, layerCache, scores, 4 * stream, logits),
    // Keys and values, each twice: a step reads one buffer and writes the other.
    cache: 4 * layerCache * config.n_layer,
    // The stream, x0, its norm, q k v; the wide layer before and after squaring; scores and pattern.
    activations: 6 * stream + 2 * 4 * stream + 2 * scores,
  };
}

/** Why a machine cannot run the model in this precision, as a sentence without the way out; null if it
 *  can. */
export function refusal(needs: ModelNeeds, limits: MachineLimits): string | null {
  const { precision } = needs;
  if (limits.backend === 'wasm') {
    if (precision === 'f16') {
      return 'f16 weights only help on WebGPU: the processor (wasm) computes in f32 and would widen them.';
    }
    if (needs.weights <= WASM_WEIGHT_BYTES) return null;
    return `Its weights take ${bytesText(needs.weights)} in ${precision}; on the processor (wasm) a model may have ${bytesText(WASM_WEIGHT_BYTES)}.`;
  }
  if (precision === 'f16' && !limits.hasHalf) {
    return 'f16 weights need the WebGPU feature shader-f16, which this adapter lacks.';
  }
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (needs.largestBinding <= most) return null;
  return `Its largest buffer takes ${bytesText(needs.largestBinding)} in ${precision}; this adapter binds at most ${bytesText(most)}.`;
}

export type PrecisionChoice =
  | { ok: true; precision: WeightPrecision; reason: string }
  /** reason: a sentence with the numbers and the way out */
  | { ok: false; reason: string };

/** The precision to run in: the user's, or the finest that suits the machine (f32 up to
 *  256 MB on a GPU and 200 MB on the processor, then f16, int8, int4). needs: one per precision. */
export function choosePrecision(
  needs: readonly ModelNeeds[],
  limits: MachineLimits,
  chosen: WeightPrecision | null,
): PrecisionChoice {
  const fitting = needs.filter((need) => refusal(need, limits) === null);
  if (chosen !== null) return chooseByUser(needs, fitting, limits, chosen);
  const best = fitting.find(
    (need) => need.precision !== 'f32' || need.weights <= COMFORTABLE_BYTES,
  );
  const pick = best ?? fitting[0];
  if (pick === undefined) {
    const smallest = needs.at(-1);
    const why = smallest === undefined ? '' : (refusal(smallest, limits) ?? '');
    return {
      ok: false,
      reason: `This model cannot run here, in any precision. ${why} ${wayOut(limits)}`,
    };
  }
  return { ok: true, precision: pick.precision, reason: automaticReason(pick, needs, limits) };
}

function chooseByUser(
  needs: readonly ModelNeeds[],
  fitting: readonly ModelNeeds[],
  limits: MachineLimits,
  chosen: WeightPrecision,
): PrecisionChoice {
  const wanted = needs.find((need) => need.precision === chosen);
  const why = wanted === undefined ? null : refusal(wanted, limits);
  if (why === null) return { ok: true, precision: chosen, reason: 'Chosen by you.' };
  const smaller = fitting.find(
    (need) => WEIGHT_PRECISIONS.indexOf(need.precision) > WEIGHT_PRECISIONS.indexOf(chosen),
  );
  const instead =
    smaller === undefined
      ? wayOut(limits)
      : `Choose ${smaller.precision}, which takes ${bytesText(smaller.weights)}.`;
  return { ok: false, reason: `${why} ${instead}` };
}

function wayOut(limits: MachineLimits): string {
  return limits.backend === 'wasm'
    ? 'Open it in a browser with WebGPU, or open a smaller model.'
    : 'Open a smaller model, or use another graphics adapter.';
}

function automaticReason(
  pick: ModelNeeds,
  needs: readonly ModelNeeds[],
  limits: MachineLimits,
): string {
  const exact = needs.find((need) => need.precision === 'f32') ?? pick;
  if (pick.precision === 'f32') {
    return `Automatic: ${bytesText(pick.weights)} of weights fit unchanged, in f32.`;
  }
  const half = needs.find((need) => need.precision === 'f16');
  const noHalf =
    pick.precision !== 'f16' && half !== undefined && limits.backend === 'webgpu'
      ? ` ${refusal(half, limits) ?? ''}`
      : '';
  return `Automatic: ${bytesText(pick.weights)} of weights instead of ${bytesText(exact.weights)} in f32.${noHalf}`;
}
