// The seven ways an SAE is trained here: which fields each has, their defaults (sae.md §2–8) and bounds. An
// eighth needs a member here, its state in stateShape.ts, a loss in core/reference and its kernels. Knows nothing about how any of them is computed.
import { above0, between, oneOf, whole } from '../bounds';
import { ConfigError } from '../errors';
import { stepsOf, type RunShape } from './runShape';
import { checkResampling, resampleDefaults, type ResampleFields } from './resampleFields';

export const ARCHITECTURES = [
  'topk',
  'batchtopk',
  'matryoshka',
  'relu',
  'gated',
  'jumprelu',
  'transcoder',
] as const;
export type SaeArchitecture = (typeof ARCHITECTURES)[number];

type AuxKFields = {
  /** α of the AuxK loss; 0 turns it off */
  auxKScale: number;
  /** dead latents that rebuild the SAE error, per token */
  k_aux: number;
};

export type TopKFields = AuxKFields & {
  architecture: 'topk';
  /** latents kept per token */
  k: number;
};

/** TopK that reads what an MLP reads and rebuilds what it writes (docs/design/circuits.md 1). */
export type TranscoderFields = AuxKFields & {
  architecture: 'transcoder';
  /** latents kept per token */
  k: number;
};

type BatchFields = AuxKFields & {
  /** latents kept per token on average; may be fractional */
  k: number;
  /** η of the running inference threshold θ */
  thresholdRate: number;
};

export type BatchTopKFields = BatchFields & { architecture: 'batchtopk' };

export type MatryoshkaFields = BatchFields & {
  architecture: 'matryoshka';
  /** nested prefixes, ascending; the last is d_sae */
  widths: readonly number[];
};

type ClipFields = {
  /** global norm of all gradients after projection; 0 turns clipping off */
  clipNorm: number;
};

export type ReluFields = ClipFields &
  ResampleFields & {
    architecture: 'relu';
    /** λ, in x units */
    l1Coefficient: number;
    l1WarmupSteps: number;
    /** 'free': the norm enters the penalty; 'unit': rows of W_dec keep norm 1 */
    decoderNorm: 'free' | 'unit';
  };

export type GatedFields = ClipFields &
  ResampleFields & {
    architecture: 'gated';
    l1Coefficient: number;
    l1WarmupSteps: number;
  };

export type JumpReluMode = 'tanh' | 'quadratic' | 'step';
export type JumpReluFields = ClipFields & {
  architecture: 'jumprelu';
  mode: JumpReluMode;
  /** λ of the mode's penalty, in x units */
  sparsityCoefficient: number;
  sparsityWarmupSteps: number;
  /** L0* of `quadratic`; also decides the default coefficient of `tanh` */
  targetL0: number;
  /** ε of the straight-through estimators */
  bandwidth: number;
  /** θ of every latent before step 0 */
  initialThreshold: number;
  /** λ_P of the pre-activation loss on dead latents; 0 turns it off */
  preActCoefficient: number;
};

export type ArchitectureFields =
  | TopKFields
  | BatchTopKFields
  | MatryoshkaFields
  | ReluFields
  | GatedFields
  | JumpReluFields
  | TranscoderFields;

/** c of JumpReLU's tanh penalty (sae.md §7). */
export const TANH_SCALE = 4;
/** Largest k that the TopK kernels rank (topk_row.wgsl, topk_fallback.wgsl). */
export const MAX_K = 1024;
/** Levels whose bounds fit the uniform of decode_levels.wgsl. */
export const MAX_LEVELS = 16;

/** Every field that some architecture has of its own; `k` of the TopK family has no default. */
export type ArchitectureInput = {
  architecture?: SaeArchitecture;
  k?: number;
  auxKScale?: number;
  k_aux?: number;
  thresholdRate?: number;
  widths?: readonly number[];
  clipNorm?: number;
  resampleInterval?: number;
  resampleCount?: number;
  resampleInputs?: number;
  l1Coefficient?: number;
  l1WarmupSteps?: number;
  decoderNorm?: 'free' | 'unit';
  mode?: JumpReluMode;
  sparsityCoefficient?: number;
  sparsityWarmupSteps?: number;
  targetL0?: number;
  bandwidth?: number;
  initialThreshold?: number;
  preActCoefficient?: number;
};

const INPUT_FIELDS = [
  'k',
  'auxKScale',
  'k_aux',
  'thresholdRate',
  'widths',
  'clipNorm',
  'resampleInterval',
  'resampleCount',
  'resampleInputs',
  'l1Coefficient',
  'l1WarmupSteps',
  'decoderNorm',
  'mode',
  'sparsityCoefficient',
  'sparsityWarmupSteps',
  'targetL0',
  'bandwidth',
  'initialThreshold',
  'preActCoefficient',
] as const satisfies readonly (keyof ArchitectureInput)[];

/** The architecture's own fields, defaults filled in and checked. A field given that the architecture
 *  does not have is refused, because it would have no effect.
 *  Throws ConfigError naming field, value and bound. */
export function makeArchitectureFields(
  input: ArchitectureInput,
  shape: RunShape,
): ArchitectureFields {
  const architecture = input.architecture ?? 'topk';
  if (!ARCHITECTURES.includes(architecture)) {
    throw new ConfigError(
      `architecture must be one of ${ARCHITECTURES.join(', ')}: ${architecture}`,
      'architecture',
    );
  }
  const defaults = fieldDefaults(architecture, input, shape);
  const fields: Record<string, unknown> = { ...defaults };
  for (const name of INPUT_FIELDS) {
    const value = input[name];
    if (value === undefined) continue;
    if (!(name in defaults)) {
      throw new ConfigError(
        `${name} is not a field of architecture ${architecture}: ${String(value)}; leave it out`,
        name,
      );
    }
    fields[name] = value;
  }
  // Only names from `defaults` were set, so the type holds; values are checked next.
  const made = fields as ArchitectureFields;
  checkFields(made, shape);
  return made;
}

function fieldDefaults(
  architecture: SaeArchitecture,
  input: ArchitectureInput,
  shape: RunShape,
): ArchitectureFields {
  const { d_in, d_sae } = shape;
  const short = Math.max(1, Math.floor(0.05 * stepsOf(shape)));
  const aux = { auxKScale: 1 / 32, k_aux: Math.max(1, Math.min(Math.floor(d_in / 2), 64)) };
  const k = NaN;
  switch (architecture) {
    case 'topk':
    case 'transcoder':
      return { architecture, k, ...aux };
    case 'batchtopk':
      return { architecture, k, ...aux, thresholdRate: thresholdRateOf(shape) };
    case 'matryoshka':
      return {
        architecture,
        k,
        ...aux,
        thresholdRate: thresholdRateOf(shape),
        widths: defaultWidths(d_sae),
      };
    case 'relu':
      return {
        architecture,
        l1Coefficient: 5 * Math.sqrt(d_in / 768),
        l1WarmupSteps: short,
        decoderNorm: 'free',
        clipNorm: 1,
        ...resampleDefaults(shape),
      };
    case 'gated':
      return {
        architecture,
        l1Coefficient: 0.1 * Math.sqrt(d_in),
        l1WarmupSteps: short,
        clipNorm: 1,
        ...resampleDefaults(shape),
      };
    case 'jumprelu':
      return jumpReluDefaults(input, shape, short);
    default:
      return architecture satisfies never;
  }
}

/** SAELens' 0.01, or an averaging window of a twentieth of the run: in short runs 0.01 still averages
 *  over steps in which activations were larger, so the threshold ends so high that L0 is 26 for k 32
 *  (docs/quality.md). */
function thresholdRateOf(shape: RunShape): number {
  return Math.min(1, Math.max(0.01, 20 / stepsOf(shape)));
}

/** sae.md §7's table. */
function jumpReluDefaults(
  input: ArchitectureInput,
  shape: RunShape,
  short: number,
): JumpReluFields {
  const targetL0 = input.targetL0 ?? Math.min(32, shape.d_sae / 4);
  const base = { architecture: 'jumprelu', targetL0, clipNorm: 1 } as const;
  const mode = input.mode ?? 'tanh';
  switch (mode) {
    case 'tanh':
      return {
        ...base,
        mode,
        sparsityCoefficient: Math.min(10, shape.d_in / (4 * targetL0)),
        sparsityWarmupSteps: stepsOf(shape),
        bandwidth: 2,
        initialThreshold: 0.1,
        preActCoefficient: 3e-6,
      };
    case 'quadratic':
      return {
        ...base,
        mode,
        sparsityCoefficient: shape.d_in,
        sparsityWarmupSteps: short,
        bandwidth: 0.5,
        initialThreshold: 0.1,
        preActCoefficient: 0,
      };
    case 'step':
      return {
        ...base,
        mode,
        sparsityCoefficient: 0.1,
        sparsityWarmupSteps: short,
        bandwidth: 0.01,
        initialThreshold: 0.01,
        preActCoefficient: 0,
      };
    default:
      mode satisfies never;
      throw new ConfigError(`mode must be tanh, quadratic or step: ${String(mode)}`, 'mode');
  }
}

/** d_sae/16, /8, /4, /2, /1 (sae.md §8), rounded, without duplicates. */
function defaultWidths(d_sae: number): number[] {
  const widths = [16, 8, 4, 2, 1].map((share) => Math.max(1, Math.round(d_sae / share)));
  return [...new Set(widths)];
}

function checkFields(fields: ArchitectureFields, shape: RunShape): void {
  switch (fields.architecture) {
    case 'topk':
    case 'transcoder':
      whole('k', fields.k, 1, Math.min(shape.d_sae, MAX_K));
      checkAuxK(fields);
      return;
    case 'matryoshka':
      checkWidths(fields.widths, shape.d_sae);
      checkBatch(fields, shape);
      return;
    case 'batchtopk':
      checkBatch(fields, shape);
      return;
    case 'relu':
      oneOf('decoderNorm', fields.decoderNorm, ['free', 'unit']);
      checkL1(fields);
      checkResampling(fields, { hasUnitRows: fields.decoderNorm === 'unit' });
      return;
    case 'gated':
      checkL1(fields);
      checkResampling(fields, { hasUnitRows: true });
      return;
    case 'jumprelu':
      checkJumpRelu(fields, shape);
      return;
    default:
      fields satisfies never;
  }
}

function checkAuxK(fields: AuxKFields): void {
  whole('k_aux', fields.k_aux, 1, 1024);
  between('auxKScale', fields.auxKScale, 0, 10);
}

function checkBatch(fields: BatchFields, { d_sae, batchSize }: RunShape): void {
  // ⌊k·B⌋ must be at least 1, so that something is kept.
  between('k', fields.k, 1 / batchSize, Math.min(d_sae, MAX_K));
  above0('thresholdRate', fields.thresholdRate, 1);
  checkAuxK(fields);
}

function checkWidths(widths: readonly number[], d_sae: number): void {
  const isRising = widths.every(
    (width, i) => Number.isInteger(width) && width > (i === 0 ? 0 : (widths[i - 1] ?? 0)),
  );
  const fits = widths.length >= 1 && widths.length <= MAX_LEVELS && widths.at(-1) === d_sae;
  if (isRising && fits) return;
  throw new ConfigError(
    `widths must be 1 to ${MAX_LEVELS} rising whole numbers, the last of them d_sae ${d_sae}: ${widths.join(', ')}`,
    'widths',
  );
}

function checkL1(fields: ClipFields & { l1Coefficient: number; l1WarmupSteps: number }): void {
  between('l1Coefficient', fields.l1Coefficient, 0, 1e6);
  whole('l1WarmupSteps', fields.l1WarmupSteps, 1, 1e9);
  between('clipNorm', fields.clipNorm, 0, 1e6);
}

function checkJumpRelu(fields: JumpReluFields, { d_sae }: RunShape): void {
  oneOf('mode', fields.mode, ['tanh', 'quadratic', 'step']);
  between('sparsityCoefficient', fields.sparsityCoefficient, 0, 1e6);
  whole('sparsityWarmupSteps', fields.sparsityWarmupSteps, 1, 1e9);
  above0('targetL0', fields.targetL0, d_sae);
  above0('bandwidth', fields.bandwidth, 100);
  above0('initialThreshold', fields.initialThreshold, 100);
  between('preActCoefficient', fields.preActCoefficient, 0, 1e3);
  between('clipNorm', fields.clipNorm, 0, 1e6);
}

/** Whether the user chooses the number of latents per token (k) rather than a penalty. */
export function choosesK(architecture: SaeArchitecture): boolean {
  return ['topk', 'batchtopk', 'matryoshka', 'transcoder'].includes(architecture);
}

/** Whether each token keeps its own k latents, rather than a share of the batch's. */
export function keepsPerRow<C extends { architecture: SaeArchitecture }>(
  config: C,
): config is Extract<C, { architecture: 'topk' | 'transcoder' }> {
  return config.architecture === 'topk' || config.architecture === 'transcoder';
}

/** Whether rows of W_dec are projected and renormalised (sae.md §2, decoder norm). */
export function hasUnitDecoder(fields: ArchitectureFields): boolean {
  if (fields.architecture === 'relu') return fields.decoderNorm === 'unit';
  if (fields.architecture === 'jumprelu') return fields.mode !== 'tanh';
  return true;
}
