// All state that a training run needs to resume bit for bit, as plain arrays, and its initial value.
// W_enc and W_dec are latent-major here, [d_sae, d_in], as on the GPU; `SaeParams` is the public shape.
import { hasUnitDecoder } from '../sae/architecture';
import { stateShape, type ExtraName } from '../sae/stateShape';
import { ConfigError, invariant } from '../errors';
import { makeRng } from '../numeric/rng';
import { norm } from '../numeric/vectors';
import type { Calibration, SaeConfig, SaeParams } from '../sae/sae';
import { decoderNorms } from '../sae/saeFold';
import { averageWeight, type AveragedName, type WeightAverages } from './weightAverages';

/** First and second moment of Adam, shaped as their parameter. */
export type AdamMoments = { m: Float32Array; v: Float32Array };

/** A parameter of shape [d_sae] with its moments. */
export type TrainedVector = AdamMoments & { values: Float32Array };

export type TrainerState = {
  /** steps done */
  step: number;
  /** [d_sae, d_in]: row = the direction that a latent reads (the transpose of SaeParams.W_enc) */
  W_enc: Float32Array;
  /** [d_sae, d_in]: row = the direction that a latent writes, unit norm unless the architecture frees it */
  W_dec: Float32Array;
  /** [d_sae]; gated: b_gate */
  b_enc: Float32Array;
  /** [d_in], in x units */
  b_dec: Float32Array;
  adam: { W_enc: AdamMoments; W_dec: AdamMoments; b_enc: AdamMoments; b_dec: AdamMoments };
  /** [d_sae]; dead where at least deadAfterTokens. AuxK of the next step works on that set. */
  tokensSinceFired: Uint32Array;
  /** the architecture's own parameters: `stateShape(architecture).extra`, no other */
  extra: Partial<Record<ExtraName, TrainedVector>>;
  /** its running values, `stateShape(architecture).running` of them. BatchTopK, Matryoshka: θ of the
   *  inference threshold in h units, then 1 once it was set */
  running: Float32Array;
  /** running averages of every parameter where config.emaDecay > 0, otherwise empty */
  averages: WeightAverages;
};

/** Metrics of one step. `step` counts from 0. */
export type StepMetrics = {
  step: number;
  /** the loss: reconstruction, sparsity and auxiliary terms (sae.md §3–8) */
  loss: number;
  /** mean over tokens of Σ_d e², x units */
  mse: number;
  /** mean non-zero latents per token */
  l0: number;
  /** 1 − mse / V, on this batch */
  explainedVariance: number;
  /** AuxK: α · mean ‖ê − e‖² / v, 0 without dead latents. Gated: the frozen decoder's term. JumpReLU: the
   *  pre-activation loss */
  auxLoss: number;
  /** the penalty on activations as it enters the loss; 0 for architectures with a k */
  sparsityLoss: number;
  /** latents with tokensSinceFired ≥ deadAfterTokens after this step */
  deadCount: number;
  /** tokens on which no dead latent had a positive pre-activation; 0 without dead latents */
  auxSilent: number;
  /** rows whose TopK needed the slow path, which is equally exact */
  overflowRows: number;
  /** NaNs among the pre-activations */
  nanCount: number;
};

/** Norm of W_dec's initial rows if the architecture leaves it free (sae.md §2). */
const FREE_NORM = 0.1;

/** Rows of W_dec random, of norm 1 (free: 0.1), W_enc its copy, b_enc 0, b_dec the sample mean, or 0
 *  if so configured; a geometric median replaces it once there are rows. sae.md §2. */
export function initTrainerState(config: SaeConfig, calibration: Calibration): TrainerState {
  const { d_in, d_sae } = config;
  const isUnit = hasUnitDecoder(config);
  const unitRows = randomUnitRows(d_sae, d_in, config.initSeed);
  const W_dec = isUnit ? unitRows : unitRows.map((w) => FREE_NORM * w);
  const extra = initExtra(config);
  const params = {
    W_enc: W_dec.slice(),
    W_dec,
    b_enc: new Float32Array(d_sae),
    b_dec: config.bDecInit === 'zero' ? new Float32Array(d_in) : calibration.mean.slice(),
  };
  const averaged = {
    ...params,
    ...Object.fromEntries(Object.entries(extra).map(([name, { values }]) => [name, values])),
  };
  return {
    step: 0,
    ...params,
    adam: {
      W_enc: zeroMoments(d_sae * d_in),
      W_dec: zeroMoments(d_sae * d_in),
      b_enc: zeroMoments(d_sae),
      b_dec: zeroMoments(d_in),
    },
    tokensSinceFired: new Uint32Array(d_sae),
    extra,
    running: new Float32Array(stateShape(config.architecture).running),
    averages: config.emaDecay === 0 ? {} : zeroAverages(averaged),
  };
}

/** The first state of a run that begins with a trained SAE instead of random directions: its weights, in the units of
 *  this run's input, and nothing of how it was trained. params: folded, as every SAE at rest. Throws ConfigError for
 *  another architecture than TopK, whose weights alone say all, and for other sizes. */
export function trainerStateFrom(
  params: SaeParams,
  config: SaeConfig,
  calibration: Calibration,
): TrainerState {
  const { d_in, d_sae } = config;
  if (params.d_in !== d_in || params.d_sae !== d_sae) {
    throw new ConfigError(
      `d_sae: the SAE to begin with is ${params.d_in} × ${params.d_sae}, this run ${d_in} × ${d_sae}`,
      'd_sae',
    );
  }
  if (config.architecture !== 'topk' || params.architecture !== 'topk' || params.actScale) {
    throw new ConfigError(
      `architecture: only a TopK SAE can begin a run, and only of TopK: ${params.architecture}, ${config.architecture}`,
      'architecture',
    );
  }
  const { inputScale } = calibration;
  const W_enc = new Float32Array(d_sae * d_in);
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < d_in; i++) W_enc[latent * d_in + i] = params.W_enc[i * d_sae + latent]!;
  }
  // Undoes foldSae, whose scale and norms cancel in W_enc and leave unit rows (sae.md §9).
  return {
    ...initTrainerState(config, calibration),
    W_enc,
    W_dec: params.W_dec.slice(),
    b_enc: params.b_enc.map((b) => b * inputScale),
    b_dec: params.b_dec.map((b) => b * inputScale),
  };
}

function zeroAverages(params: Partial<Record<AveragedName, Float32Array>>): WeightAverages {
  const entries = Object.entries(params);
  return Object.fromEntries(entries.map(([name, { length }]) => [name, new Float32Array(length)]));
}

function initExtra(config: SaeConfig): TrainerState['extra'] {
  const extra: TrainerState['extra'] = {};
  for (const name of stateShape(config.architecture).extra) {
    const values = new Float32Array(config.d_sae);
    if (config.architecture === 'jumprelu') values.fill(config.initialThreshold);
    extra[name] = { values, ...zeroMoments(config.d_sae) };
  }
  return extra;
}

/** The state with averaged parameters instead of the last ones, if the run averages and has started. */
function exportedState(state: TrainerState, { emaDecay }: SaeConfig): TrainerState {
  if (emaDecay === 0 || state.step === 0) return state;
  const weight = averageWeight(emaDecay, state.step);
  const mean = (name: AveragedName) => {
    const average = state.averages[name];
    invariant(average !== undefined, `trainer state without an average of ${name}`);
    return average.map((sum) => sum / weight);
  };
  const extra = Object.entries(state.extra) as [ExtraName, TrainedVector][];
  return {
    ...state,
    W_enc: mean('W_enc'),
    W_dec: mean('W_dec'),
    b_enc: mean('b_enc'),
    b_dec: mean('b_dec'),
    extra: Object.fromEntries(
      extra.map(([name, vector]) => [name, { ...vector, values: mean(name) }]),
    ),
  };
}

/** Parameters as SAELens shapes them (W_enc [d_in, d_sae]), still in x units: fold before export. Averages of
 *  the weights if the run keeps them; their rows are shorter than 1, which folding corrects. */
export function trainerStateParams(trained: TrainerState, config: SaeConfig): SaeParams {
  const state = exportedState(trained, config);
  const { d_in, d_sae, applyBDecToInput } = config;
  const W_enc = new Float32Array(d_in * d_sae);
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < d_in; i++) W_enc[i * d_sae + latent] = state.W_enc[latent * d_in + i]!;
  }
  const { b_enc, W_dec, b_dec } = state;
  const shared = { d_in, d_sae, W_enc, b_enc, W_dec, b_dec, applyBDecToInput };
  switch (config.architecture) {
    case 'topk':
    case 'transcoder':
      return { ...shared, architecture: 'topk', k: config.k };
    case 'batchtopk':
    case 'matryoshka': {
      // A latent is kept if h·n > θ; in h units its threshold is θ / n.
      const theta = state.running[0]!;
      const threshold = Float32Array.from(decoderNorms(shared), (norm) => theta / norm);
      return { ...shared, architecture: 'jumprelu', threshold };
    }
    case 'relu':
      return { ...shared, architecture: 'relu' };
    case 'gated':
      return {
        ...shared,
        architecture: 'gated',
        b_enc: new Float32Array(d_sae),
        b_gate: b_enc,
        b_mag: extraValues(state, 'b_mag'),
        r_mag: extraValues(state, 'r_mag'),
      };
    case 'jumprelu':
      return {
        ...shared,
        architecture: 'jumprelu',
        threshold: extraValues(state, 'threshold').map((theta) => Math.max(theta, 0)),
      };
    default:
      return config satisfies never;
  }
}

function extraValues({ extra }: TrainerState, name: ExtraName): Float32Array {
  const vector = extra[name];
  invariant(vector !== undefined, `trainer state without ${name}`);
  return vector.values;
}

/** Indices with tokensSinceFired ≥ deadAfterTokens, ascending. */
export function deadLatents(tokensSinceFired: Uint32Array, deadAfterTokens: number): Uint32Array {
  const dead: number[] = [];
  for (const [latent, tokens] of tokensSinceFired.entries()) {
    if (tokens >= deadAfterTokens) dead.push(latent);
  }
  return Uint32Array.from(dead);
}

/** Names of tensors that contain NaN or infinity, such as "adam.W_enc.v". */
export function nonFiniteTensors(state: object, prefix = ''): string[] {
  return Object.entries(state).flatMap(([name, value]: [string, unknown]) => {
    if (value instanceof Float32Array) {
      return value.every(Number.isFinite) ? [] : [prefix + name];
    }
    if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) return [];
    return nonFiniteTensors(value, `${prefix}${name}.`);
  });
}

function zeroMoments(length: number): AdamMoments {
  return { m: new Float32Array(length), v: new Float32Array(length) };
}

function randomUnitRows(rows: number, cols: number, seed: number): Float32Array {
  const rng = makeRng(seed, INIT_STREAM);
  const out = new Float32Array(rows * cols);
  const row = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) row[c] = rng.normal();
    const scale = 1 / norm(row);
    for (let c = 0; c < cols; c++) out[r * cols + c] = row[c]! * scale;
  }
  return out;
}

/** Random stream of the seed that draws the initial weights. */
const INIT_STREAM = 0x5ae0;
