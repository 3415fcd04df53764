// The part of an arena that persists between steps: parameters, Adam's moments and their running averages,
// the same for every architecture. Converts them from and to plain arrays; computes nothing but the averages.
// Rows of width d_in are padded to a multiple of 4; the padding holds 0.
import { invariant } from '../../core/errors';
import type { ExtraName } from '../../core/sae/stateShape';
import type { SaeConfig } from '../../core/sae/sae';
import { adamScales } from '../../core/train/adamScales';
import type { AdamMoments, TrainerState } from '../../core/train/trainerState';
import { averageRate, type AveragedName } from '../../core/train/weightAverages';
import type { Arena } from '../arena';
import type { Address } from '../kernels';

type Part = 'p' | 'm' | 'v' | 'average';
type StatePart = `${AveragedName}.${Part}`;

type Tensor = { name: AveragedName; rows: number; cols: number };

export type StateMemory = {
  /** address of a parameter */
  of: (name: AveragedName) => Address;
  /** addresses of a parameter and of its moments */
  adamPlaces: (name: AveragedName) => readonly [p: Address, m: Address, v: Address];
  values: (name: AveragedName) => Float32Array;
  /** Adam's update of `count` of a parameter's words from word `first` on, by the gradient at g. */
  adam: (name: AveragedName, g: Address, step: AdamStep, first: number, count: number) => void;
  /** Moves the running averages, once a step. */
  average: () => void;
  /** tokensSinceFired and running are the caller's */
  read: () => Omit<TrainerState, 'step' | 'tokensSinceFired' | 'running'>;
};

export type AdamStep = { beta1: number; beta2: number; eps: number } & ReturnType<
  typeof adamScales
>;

export function adamStepOf(config: SaeConfig, step: number): AdamStep {
  const { adamBeta1: beta1, adamBeta2: beta2, adamEps: eps } = config;
  return { beta1, beta2, eps, ...adamScales(config, step) };
}

export function rowStride(d_in: number): number {
  return Math.ceil(d_in / 4) * 4;
}

function tensorsOf({ d_in, d_sae }: SaeConfig, state: TrainerState): Tensor[] {
  return [
    { name: 'W_enc', rows: d_sae, cols: d_in },
    { name: 'W_dec', rows: d_sae, cols: d_in },
    { name: 'b_enc', rows: 1, cols: d_sae },
    { name: 'b_dec', rows: 1, cols: d_in },
    ...(Object.keys(state.extra) as ExtraName[]).map((name) => ({ name, rows: 1, cols: d_sae })),
  ];
}

/** Words of the state's parts of an arena. */
export function stateWords(config: SaeConfig, state: TrainerState): Record<StatePart, number> {
  const parts: readonly Part[] =
    config.emaDecay === 0 ? ['p', 'm', 'v'] : ['p', 'm', 'v', 'average'];
  const words: Partial<Record<StatePart, number>> = {};
  for (const { name, rows, cols } of tensorsOf(config, state)) {
    for (const part of parts) words[`${name}.${part}`] = rows * rowStride(cols);
  }
  return words as Record<StatePart, number>;
}

/** Loads `state` into the arena. */
export function makeStateMemory(
  { kernels, at, f32 }: Arena<StatePart>,
  config: SaeConfig,
  state: TrainerState,
): StateMemory {
  const tensors = tensorsOf(config, state);
  const isAveraging = config.emaDecay > 0;
  for (const tensor of tensors) {
    const { name } = tensor;
    const { p, m, v } = partsOf(state, name);
    load(f32[`${name}.p`], p, tensor);
    load(f32[`${name}.m`], m, tensor);
    load(f32[`${name}.v`], v, tensor);
    if (!isAveraging) continue;
    const before = state.averages[name];
    invariant(before !== undefined, `trainer state without an average of ${name}`);
    load(f32[`${name}.average`], before, tensor);
  }
  const adamPlaces = (name: AveragedName) =>
    [at[`${name}.p`], at[`${name}.m`], at[`${name}.v`]] as const;
  const readPart = (tensor: Tensor, part: Part) => unload(f32[`${tensor.name}.${part}`], tensor);
  return {
    of: (name) => at[`${name}.p`],
    values: (name) => f32[`${name}.p`],
    adamPlaces,
    adam: (name, g, o, first, count) => {
      const [p, m, v] = adamPlaces(name);
      const { beta1, beta2, eps, rate, secondScale } = o;
      const offset = 4 * first;
      const places = [p + offset, m + offset, v + offset] as const;
      kernels.adam(...places, g, count, beta1, beta2, eps, rate, secondScale);
    },
    average: () => {
      if (!isAveraging) return;
      const rate = averageRate(config.emaDecay);
      for (const { name, rows, cols } of tensors) {
        const count = rows * rowStride(cols);
        kernels.average(at[`${name}.average`], at[`${name}.p`], count, rate);
      }
    },
    read: () => {
      const read = (part: Part) =>
        Object.fromEntries(tensors.map((one) => [one.name, readPart(one, part)])) as Record<
          AveragedName,
          Float32Array
        >;
      const [p, m, v] = [read('p'), read('m'), read('v')];
      const moments = (name: AveragedName): AdamMoments => ({ m: m[name], v: v[name] });
      const extra = Object.keys(state.extra) as ExtraName[];
      return {
        W_enc: p.W_enc,
        W_dec: p.W_dec,
        b_enc: p.b_enc,
        b_dec: p.b_dec,
        adam: {
          W_enc: moments('W_enc'),
          W_dec: moments('W_dec'),
          b_enc: moments('b_enc'),
          b_dec: moments('b_dec'),
        },
        extra: Object.fromEntries(
          extra.map((name) => [name, { values: p[name], ...moments(name) }]),
        ),
        averages: isAveraging ? read('average') : {},
      };
    },
  };
}

function partsOf(state: TrainerState, name: AveragedName): AdamMoments & { p: Float32Array } {
  if (name === 'W_enc' || name === 'W_dec' || name === 'b_enc' || name === 'b_dec') {
    return { p: state[name], ...state.adam[name] };
  }
  const vector = state.extra[name];
  invariant(vector !== undefined, `trainer state without ${name}`);
  return { p: vector.values, m: vector.m, v: vector.v };
}

function load(into: Float32Array, values: Float32Array, { rows, cols }: Tensor): void {
  const stride = rowStride(cols);
  for (let row = 0; row < rows; row++) {
    into.set(values.subarray(row * cols, (row + 1) * cols), row * stride);
  }
}

function unload(from: Float32Array, { rows, cols }: Tensor): Float32Array {
  const stride = rowStride(cols);
  const out = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    out.set(from.subarray(row * stride, row * stride + cols), row * cols);
  }
  return out;
}
