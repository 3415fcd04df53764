// The SAE as data: configuration, parameters, sparse code. Shapes as SAELens writes them; the GPU's
// own latent-major layout is the binders' business (docs/architecture.md).
import { ConfigError } from './errors';
import type { HookPoint } from './hookPoint';

/** Closed by `SaeArchitecture`: a new architecture adds a member, a loss and its kernels. */
type SaeArchitecture = 'topk';

/** Everything that decides the numbers of a run. Two runs with equal configs on one adapter are equal. */
export type SaeConfig = {
  architecture: SaeArchitecture;
  hookPoint: HookPoint;
  d_in: number;
  d_sae: number;
  /** latents kept per token */
  k: number;
  /** counted tokens trained on, rounded down to whole steps */
  tokens: number;
  /** tokens per step (B) */
  batchSize: number;
  seed: number;
  /** peak learning rate of Adam */
  lr: number;
  /** steps of linear warm-up (factor (t+1)/warmupSteps) */
  warmupSteps: number;
  /** steps of linear decay to 0 at the end */
  decaySteps: number;
  adamBeta1: number;
  adamBeta2: number;
  adamEps: number;
  /** α of the AuxK loss; 0 turns it off */
  auxKScale: number;
  /** dead latents that rebuild the SAE error, per token */
  k_aux: number;
  /** tokens without firing after which a latent is dead */
  deadAfterTokens: number;
  applyBDecToInput: boolean;
  /** sequence length in which the corpus is packed */
  contextSize: number;
  /** rows of the activation ring; a multiple of batchSize */
  ringRows: number;
  /** counted tokens measured before step 0 for input scale, b_dec and V */
  calibrationTokens: number;
};

/** Parameters in the units of the model once folded (sae.md §9); row-major. */
export type SaeParams = {
  d_in: number;
  d_sae: number;
  k: number;
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae] */
  b_enc: Float32Array;
  /** [d_sae, d_in]; row = a latent's direction */
  W_dec: Float32Array;
  /** [d_in] */
  b_dec: Float32Array;
  applyBDecToInput: boolean;
};

/** Non-zero latents of n tokens, k slots each (n·k entries, strongest first). Unused slots hold
 *  EMPTY_SLOT and activation 0. */
export type SparseCode = {
  k: number;
  latentIndices: Uint32Array;
  latentActs: Float32Array;
};

/** Marks a slot of a SparseCode that holds no latent (fewer than k positive pre-activations). */
export const EMPTY_SLOT = 0xffffffff;

/** What the run measured about its input before step 0 (sae.md §1, §2). */
export type Calibration = {
  /** counted tokens measured */
  tokens: number;
  /** s = √d_in / mean ‖saeIn‖ */
  inputScale: number;
  /** mean of x = s·saeIn, [d_in]: b_dec's first value */
  mean: Float32Array;
  /** V = mean ‖x − mean x‖², in x units */
  variance: number;
};

export type SaeConfigInput = Pick<
  SaeConfig,
  'hookPoint' | 'd_in' | 'd_sae' | 'k' | 'tokens' | 'batchSize' | 'seed' | 'contextSize'
> &
  Partial<SaeConfig>;

/** Fills in the recipe's defaults (sae.md §2) and checks every field.
 *  Throws ConfigError naming field, value and bound. */
export function makeSaeConfig(input: SaeConfigInput): SaeConfig {
  const steps = Math.max(1, Math.floor(input.tokens / input.batchSize));
  const config: SaeConfig = {
    architecture: 'topk',
    // sae.md §2, from 2406.04093 fig. 3
    lr: 2e-4 * Math.sqrt(2 ** 14 / input.d_sae),
    warmupSteps: Math.max(1, Math.min(1000, Math.floor(0.05 * steps))),
    decaySteps: Math.floor(0.2 * steps),
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    adamEps: 6.25e-10,
    auxKScale: 1 / 32,
    k_aux: Math.max(1, Math.min(Math.floor(input.d_in / 2), 64)),
    deadAfterTokens: Math.max(1, Math.min(10_000_000, Math.floor(0.1 * input.tokens))),
    applyBDecToInput: true,
    ringRows: defaultRingRows(input.batchSize, input.d_in),
    calibrationTokens: Math.min(102_400, input.tokens),
    ...input,
  };
  checkSaeConfig(config);
  return config;
}

/** Tokens held and shuffled at once: the mixing buffer. 131,072 (interface.md 2.2), but no more than one
 *  binding of 128 MiB holds in f16, which every WebGPU device has; whole batches. */
function defaultRingRows(batchSize: number, d_in: number): number {
  const rows = Math.min(131_072, Math.floor(2 ** 27 / (2 * Math.ceil(d_in / 4) * 4)));
  return Math.max(1, Math.floor(rows / batchSize)) * batchSize;
}

/** Largest k that the TopK kernels rank (topk_row.wgsl, topk_fallback.wgsl). */
const MAX_K = 1024;

function checkSaeConfig(c: SaeConfig): void {
  const whole = (field: keyof SaeConfig, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new ConfigError(
        `${field} must be a whole number from ${low} to ${high}: ${value}`,
        field,
      );
    }
  };
  whole('d_in', c.d_in, 1, 16_384);
  whole('d_sae', c.d_sae, 1, 1_048_576);
  whole('k', c.k, 1, Math.min(c.d_sae, MAX_K));
  whole('batchSize', c.batchSize, 1, 65_536);
  whole('tokens', c.tokens, c.batchSize, 1e12);
  whole('seed', c.seed, 0, 0xffffffff);
  whole('warmupSteps', c.warmupSteps, 1, 1e9);
  whole('decaySteps', c.decaySteps, 0, 1e9);
  whole('k_aux', c.k_aux, 1, 1024);
  whole('deadAfterTokens', c.deadAfterTokens, 1, 1e12);
  whole('contextSize', c.contextSize, 2, 65_536);
  whole('ringRows', c.ringRows, c.batchSize, 4_194_304);
  whole('calibrationTokens', c.calibrationTokens, 1, 1e9);
  if (c.ringRows % c.batchSize !== 0) {
    throw new ConfigError(
      `ringRows must be a multiple of batchSize: ringRows ${c.ringRows}, batchSize ${c.batchSize}`,
      'ringRows',
    );
  }
  const positive = (field: keyof SaeConfig, value: number, high: number) => {
    if (!(value > 0 && value <= high)) {
      throw new ConfigError(`${field} must be above 0 and at most ${high}: ${value}`, field);
    }
  };
  positive('lr', c.lr, 1);
  positive('adamEps', c.adamEps, 1);
  for (const field of ['adamBeta1', 'adamBeta2'] as const) {
    if (!(c[field] >= 0 && c[field] < 1)) {
      throw new ConfigError(`${field} must be at least 0 and below 1: ${c[field]}`, field);
    }
  }
  if (!(c.auxKScale >= 0 && c.auxKScale <= 10)) {
    throw new ConfigError(`auxKScale must be from 0 to 10: ${c.auxKScale}`, 'auxKScale');
  }
}

export function totalSteps(config: SaeConfig): number {
  return Math.floor(config.tokens / config.batchSize);
}

/** Learning rate of step t (from 0): linear warm-up, then constant, then linear to 0 over the last
 *  decaySteps (sae.md §2). */
export function learningRate(config: SaeConfig, step: number): number {
  const warm = Math.min(1, (step + 1) / config.warmupSteps);
  const left = totalSteps(config) - step;
  const decay = config.decaySteps === 0 ? 1 : Math.min(1, left / config.decaySteps);
  return config.lr * warm * decay;
}
