// The SAE as data: configuration, parameters, sparse code. Shapes as in SAELens' files; only the binders know
// the GPU's latent-major layout (docs/architecture.md).
import {
  hasUnitDecoder,
  makeArchitectureFields,
  type ArchitectureFields,
  type ArchitectureInput,
  type BatchTopKFields,
  type GatedFields,
  type JumpReluFields,
  type MatryoshkaFields,
  type ReluFields,
  type SaeArchitecture,
  type TopKFields,
  type TranscoderFields,
} from './architecture';
import { above0, oneOf, whole } from '../bounds';
import { ConfigError } from '../errors';
import { isTranscoderPoint, type HookPoint } from '../activations/hookPoint';
import { optimiserDefaults, type OptimiserFields } from './optimiserDefaults';
import { lastResampling } from './resampleFields';

/** Fields that every architecture has. */
type SharedConfig = OptimiserFields & {
  /** where it reads; where it writes: `writePoint` */
  hookPoint: HookPoint;
  d_in: number;
  d_sae: number;
  /** counted tokens trained on, rounded down to whole steps */
  tokens: number;
  /** tokens per step (B) */
  batchSize: number;
  /** orders the data: block by block, row by row */
  seed: number;
  /** draws the first weights, and the inputs of resampling; runs of one `seed` and many of these share their
   *  data. Default: `seed` */
  initSeed: number;
  /** where b_dec begins: the mean of the calibration sample, the geometric median of the first block of the
   *  ring, or 0 */
  bDecInit: 'mean' | 'geometricMedian' | 'zero';
  /** β of the running average of the weights that is exported; 0: the last weights are exported */
  emaDecay: number;
  /** peak learning rate of Adam */
  lr: number;
  /** steps of linear warm-up (factor (t+1)/warmupSteps) */
  warmupSteps: number;
  /** steps of linear decay to 0 at the end */
  decaySteps: number;
  /** tokens without firing after which a latent is dead */
  deadAfterTokens: number;
  /** sequence length in which the corpus is packed */
  contextSize: number;
  /** every sequence begins with <|bos|>; false: only every document does, as in runs of earlier versions */
  prependBos: boolean;
  /** rows of the activation ring; a multiple of batchSize */
  ringRows: number;
  /** rows of the first block of the ring; each later one has twice as many, up to ringRows. As many as ringRows: a whole
   *  ring is read before the first step. A multiple of batchSize */
  firstBlockRows: number;
  /** counted tokens of a block that are measured, at most, for b_dec and V; V is corrected by each block until one
   *  had as many */
  calibrationTokens: number;
};

/** Everything that determines a run's numbers. Two runs with equal configs on one adapter are equal. */
export type TopKConfig = SharedConfig & TopKFields;
export type BatchTopKConfig = SharedConfig & BatchTopKFields;
export type MatryoshkaConfig = SharedConfig & MatryoshkaFields;
export type ReluConfig = SharedConfig & ReluFields;
export type GatedConfig = SharedConfig & GatedFields;
export type JumpReluConfig = SharedConfig & JumpReluFields;
export type TranscoderConfig = SharedConfig & TranscoderFields;
export type SaeConfig =
  | TopKConfig
  | BatchTopKConfig
  | MatryoshkaConfig
  | ReluConfig
  | GatedConfig
  | JumpReluConfig
  | TranscoderConfig;

/** The architectures that keep a given number of latents; they are trained from a sparse code. */
export type SparseConfig = TopKConfig | TranscoderConfig | BatchTopKConfig | MatryoshkaConfig;

type SharedParams = {
  d_in: number;
  d_sae: number;
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae]; 0 for gated */
  b_enc: Float32Array;
  /** [d_sae, d_in]; row = a latent's direction */
  W_dec: Float32Array;
  /** [d_in] */
  b_dec: Float32Array;
  applyBDecToInput: boolean;
};

export type TopKParams = SharedParams & {
  architecture: 'topk';
  k: number;
  /** [d_sae]; f = actScale · h of the k latents with the largest h; absent: 1 everywhere. Of an SAE that
   *  selected by h although its decoder rows had these norms (interface.md 4) */
  actScale?: Float32Array;
};
/** f = max(h, 0) */
export type ReluParams = SharedParams & { architecture: 'relu' };
/** f = h where h > max(threshold, 0); trained BatchTopK and Matryoshka have this form */
export type JumpReluParams = SharedParams & {
  architecture: 'jumprelu';
  /** [d_sae], in units of h */
  threshold: Float32Array;
};
/** u = h (b_enc is 0); f = 1[u + b_gate > 0] · max(e^{r_mag}·u + b_mag, 0) */
export type GatedParams = SharedParams & {
  architecture: 'gated';
  /** [d_sae] each */
  b_gate: Float32Array;
  b_mag: Float32Array;
  r_mag: Float32Array;
};

/** Parameters, by the rule that turns pre-activations into latentActs, which is all that a reader needs; how
 *  they were trained is stored elsewhere. In model units once folded (sae.md §9); row-major. */
export type SaeParams = TopKParams | ReluParams | JumpReluParams | GatedParams;

/** Non-zero latents of n tokens, k slots each (n·k entries): in the order of selection (largest h first) where
 *  k is given, by ascending index where a threshold decides. Used slots come first; unused ones hold EMPTY_SLOT and 0. */
export type SparseCode = {
  /** slots per token: TopK's k, otherwise as many as the token with most active latents needs */
  k: number;
  latentIndices: Uint32Array;
  latentActs: Float32Array;
};

/** Marks a slot of a SparseCode that holds no latent (fewer than k positive pre-activations). */
export const EMPTY_SLOT = 0xffffffff;

/** What the run measured about its input before step 0 (sae.md §1, §2); a transcoder, of what it rebuilds
 *  too. */
export type Calibration = {
  /** counted tokens measured */
  tokens: number;
  /** s = √d_in / mean ‖saeIn‖ */
  inputScale: number;
  /** a transcoder's: the same of what it rebuilds. Absent: the input is rebuilt */
  outputScale?: number;
  /** mean of y = outputScale · what is rebuilt, [d_in]: b_dec's first value */
  mean: Float32Array;
  /** V = mean ‖y − mean y‖², in y units */
  variance: number;
};

export type SaeConfigInput = Pick<
  SharedConfig,
  'hookPoint' | 'd_in' | 'd_sae' | 'tokens' | 'batchSize' | 'seed' | 'contextSize'
> &
  Partial<SharedConfig> &
  ArchitectureInput;

/** Fills in the recipe's defaults (sae.md §2–8) and checks every field; architecture 'topk' by default.
 *  Throws ConfigError naming field, value and bound. */
export function makeSaeConfig<A extends SaeArchitecture = 'topk'>(
  input: SaeConfigInput & { architecture?: A },
): Extract<SaeConfig, { architecture: A }> {
  // Checked first: with an unknown architecture, errors about other fields would not help.
  const own = makeArchitectureFields(input, input);
  const steps = Math.max(1, Math.floor(input.tokens / input.batchSize));
  const ringRows = input.ringRows ?? ringRowsFor(input, mostRingBatches(input));
  const shared: SharedConfig = {
    ...optimiserDefaults(input.architecture ?? 'topk', input),
    warmupSteps: Math.max(1, Math.min(1000, Math.floor(0.05 * steps))),
    decaySteps: Math.floor(0.2 * steps),
    deadAfterTokens: Math.max(1, Math.min(10_000_000, Math.floor(0.1 * input.tokens))),
    ringRows,
    firstBlockRows: ringRows,
    calibrationTokens: Math.min(102_400, input.tokens),
    bDecInit: bDecInitOf(own),
    emaDecay: 0,
    prependBos: true,
    initSeed: input.seed,
    ...input,
  };
  checkShared(shared);
  checkPlace(shared, own);
  const config = { ...shared, ...own };
  return config as Extract<SaeConfig, { architecture: A }>;
}

/** A transcoder's place is what an MLP reads, an SAE's is not; and b_dec belongs to the space that is written. */
function checkPlace({ hookPoint, applyBDecToInput }: SharedConfig, own: ArchitectureFields): void {
  const isTranscoder = own.architecture === 'transcoder';
  if (isTranscoder !== isTranscoderPoint(hookPoint)) {
    const place = 'the input of an MLP (blocks.{layer}.ln2.hook_normalized)';
    throw new ConfigError(
      isTranscoder
        ? `hookPoint of a transcoder must be ${place}: ${hookPoint}`
        : `only a transcoder reads ${place}: choose another hookPoint than ${hookPoint}`,
      'hookPoint',
    );
  }
  if (isTranscoder && applyBDecToInput) {
    throw new ConfigError(
      'applyBDecToInput must be false for a transcoder: it reads and writes different spaces',
      'applyBDecToInput',
    );
  }
}

/** sae.md §2: rows of free norm start small, and b_dec, to which they are added, starts at 0. */
export function bDecInitOf(own: ArchitectureFields): SharedConfig['bDecInit'] {
  return hasUnitDecoder(own) ? 'mean' : 'zero';
}

/** Tokens held and shuffled at once, the mixing buffer: 131,072 (interface.md 2.2), but no more than fit in one
 *  binding of 128 MiB in f16, which every WebGPU device has. */
function mostRingBatches({ batchSize, d_in }: { batchSize: number; d_in: number }): number {
  const rows = Math.min(131_072, Math.floor(2 ** 27 / (2 * Math.ceil(d_in / 4) * 4)));
  return Math.max(1, Math.floor(rows / batchSize));
}

/** Rows of a first block with which the first step comes soon, in whole batches: some three passes of the model. With half
 *  a pass a run of 60,000 tokens explained 0.007 less of the variance; with two passes and more nothing was lost. */
export function soonBlockRows({ batchSize }: Pick<SharedConfig, 'batchSize'>): number {
  return Math.ceil(2500 / batchSize) * batchSize;
}

/** Rows of a ring of at most so many batches. Where it is always filled whole, it is cut to what divides the run
 *  into blocks of one size: else up to a block of text would be read and never trained on. */
export function ringRowsFor(
  { tokens, batchSize }: Pick<SharedConfig, 'tokens' | 'batchSize'>,
  mostBatches: number,
): number {
  const steps = Math.max(1, Math.floor(tokens / batchSize));
  const blocks = Math.ceil(steps / mostBatches);
  return Math.ceil(steps / blocks) * batchSize;
}

function checkShared(c: SharedConfig): void {
  whole('d_in', c.d_in, 1, 16_384);
  whole('d_sae', c.d_sae, 1, 1_048_576);
  whole('batchSize', c.batchSize, 1, 65_536);
  whole('tokens', c.tokens, c.batchSize, 1e12);
  whole('seed', c.seed, 0, 0xffffffff);
  whole('initSeed', c.initSeed, 0, 0xffffffff);
  whole('warmupSteps', c.warmupSteps, 1, 1e9);
  whole('decaySteps', c.decaySteps, 0, 1e9);
  whole('deadAfterTokens', c.deadAfterTokens, 1, 1e12);
  whole('contextSize', c.contextSize, 2, 65_536);
  whole('ringRows', c.ringRows, c.batchSize, 4_194_304);
  whole('calibrationTokens', c.calibrationTokens, 1, 1e9);
  whole('firstBlockRows', c.firstBlockRows, c.batchSize, c.ringRows);
  for (const field of ['ringRows', 'firstBlockRows'] as const) {
    if (c[field] % c.batchSize === 0) continue;
    throw new ConfigError(
      `${field} must be a multiple of batchSize: ${field} ${c[field]}, batchSize ${c.batchSize}`,
      field,
    );
  }
  oneOf('bDecInit', c.bDecInit, ['mean', 'geometricMedian', 'zero']);
  above0('lr', c.lr, 1);
  above0('adamEps', c.adamEps, 1);
  for (const field of ['adamBeta1', 'adamBeta2', 'emaDecay'] as const) {
    if (!(c[field] >= 0 && c[field] < 1)) {
      throw new ConfigError(`${field} must be at least 0 and below 1: ${c[field]}`, field);
    }
  }
}

export function totalSteps(config: SaeConfig): number {
  return Math.floor(config.tokens / config.batchSize);
}

/** Learning rate of step t (from 0): linear warm-up, then constant, then linear to 0 over the last
 *  decaySteps (sae.md §2). The warm-up repeats after each resampling: Adam's bias correction counts the
 *  run's steps, so rows with reset moments would otherwise start at several times the rate. */
export function learningRate(config: SaeConfig, step: number): number {
  const sinceResampling = step - lastResampling(config, step);
  const warm = Math.min(1, (sinceResampling + 1) / config.warmupSteps);
  const left = totalSteps(config) - step;
  const decay = config.decaySteps === 0 ? 1 : Math.min(1, left / config.decaySteps);
  return config.lr * warm * decay;
}

/** Factor of a penalty that warms up linearly over `warmupSteps` (sae.md §2). */
export function penaltyFactor(warmupSteps: number, step: number): number {
  return Math.min(1, (step + 1) / warmupSteps);
}

/** Most latents kept in a batch: k per token, or ⌊k·B⌋ over the batch. */
export function keptPerBatch(config: SparseConfig): number {
  return Math.floor(config.k * config.batchSize);
}
