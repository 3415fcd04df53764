// Reads tests/fixtures/dense_step.json (PyTorch autograd, made by tests/peers/dense_step.py): six runs of
// ReLU-L1, Gated and JumpReLU that the float64 twin and the WGSL kernels can both be put through.
import { readFileSync } from 'node:fs';
import type { JumpReluMode } from '../../src/core/architecture';
import { LATENT_VECTORS, type DenseConfig, type DenseLoss } from '../../src/core/denseLoss';
import type { DenseParams64, DenseShape } from '../../src/core/reference/denseLoss';
import { rowNorms } from '../../src/core/reference/denseLoss';
import type { DenseOptimiser, DenseState64 } from '../../src/core/reference/denseTrainStep';
import { makeSaeConfig } from '../../src/core/sae';
import type { TrainerState } from '../../src/core/trainerState';
import { toTrainerState } from './denseState';
import type { RingRun } from './trainRing';

type Values = Record<keyof DenseParams64, number[]>;

type FixtureStep = {
  step: number;
  lr: number;
  penalty: number;
  mse: number;
  sparsityLoss: number;
  auxLoss: number;
  l0: number;
  gradientNorm: number;
  deadCount: number;
};

type FixtureRun = {
  case: {
    name: string;
    kind: DenseLoss['kind'];
    mode: JumpReluMode;
    decoderNorm: 'unit' | 'free';
    applyBDecToInput: boolean;
    beta1: number;
    penalty: number;
    warmup: number;
    threshold: number;
    bandwidth: number;
    tanhScale: number;
    targetL0: number;
    preActPenalty: number;
  };
  start: Values & { tokensSinceFired: number[] };
  /** of step 0, as Adam got them */
  firstGradients: Values;
  steps: FixtureStep[];
  end: Values & { tokensSinceFired: number[] };
  m: Values;
  v: Values;
};

type FixtureFile = {
  d_in: number;
  d_sae: number;
  rows: number;
  deadAfterTokens: number;
  lr: number;
  beta2: number;
  eps: number;
  x: number[];
  runs: FixtureRun[];
};

export type DenseStepRun = FixtureRun & {
  d_in: number;
  d_sae: number;
  rows: number;
  names: (keyof DenseParams64)[];
  state: DenseState64;
  /** [rows, d_in] of step t */
  batch: (step: number) => number[];
  shape: (step: number) => DenseShape;
  optimiser: (step: number) => DenseOptimiser;
  /** the same run for the WGSL trainer */
  ring: RingRun<DenseConfig> & { state: TrainerState };
};

export function readDenseStepFixture(): DenseStepRun[] {
  const url = new URL('../fixtures/dense_step.json', import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile;
  return file.runs.map((run) => makeRun(file, run));
}

function makeRun(file: FixtureFile, run: FixtureRun): DenseStepRun {
  const { d_in, d_sae, rows, x, beta2, eps, deadAfterTokens } = file;
  const { kind, decoderNorm, applyBDecToInput, beta1 } = run.case;
  const names: DenseStepRun['names'] = ['W_enc', 'W_dec', 'b_dec', ...LATENT_VECTORS[kind]];
  const build = (value: (name: keyof DenseParams64) => Float64Array) =>
    Object.fromEntries(names.map((name) => [name, value(name)])) as DenseParams64;
  const zeros = () => build((name) => new Float64Array(run.start[name].length));
  const params = build((name) => Float64Array.from(run.start[name]));
  if (decoderNorm === 'unit') {
    const norms = rowNorms(params.W_dec, d_in);
    params.W_dec = params.W_dec.map((w, at) => w / norms[Math.floor(at / d_in)]!);
  }
  const stepOf = (step: number) => run.steps[step]!;
  const state = {
    step: 0,
    params,
    m: zeros(),
    v: zeros(),
    tokensSinceFired: Uint32Array.from(run.start.tokensSinceFired),
  };
  return {
    ...run,
    d_in,
    d_sae,
    rows,
    names,
    state,
    ring: {
      config: configOf(file, run),
      calibration: { tokens: 1, inputScale: 1, mean: new Float32Array(d_in), variance: 1 },
      x: Float32Array.from(x),
      state: toTrainerState(state),
    },
    batch: (step) => x.slice(step * rows * d_in, (step + 1) * rows * d_in),
    shape: (step) => ({
      d_in,
      d_sae,
      rows,
      applyBDecToInput,
      loss: lossOf(run, stepOf(step).penalty),
    }),
    optimiser: (step) => ({
      decoderNorm,
      lr: stepOf(step).lr,
      beta1,
      beta2,
      eps,
      deadAfterTokens,
      clipNorm: 1,
    }),
  };
}

function lossOf({ case: c }: FixtureRun, penalty: number): DenseLoss {
  if (c.kind !== 'jumprelu') return { kind: c.kind, penalty };
  const { kind, mode, bandwidth, tanhScale, targetL0, preActPenalty } = c;
  return { kind, mode, penalty, bandwidth, tanhScale, targetL0, preActPenalty };
}

function configOf(file: FixtureFile, { case: c }: FixtureRun): DenseConfig {
  const { d_in, d_sae, rows, x, deadAfterTokens } = file;
  const tokens = x.length / d_in;
  const shared = {
    hookPoint: 'blocks.0.hook_resid_post',
    d_in,
    d_sae,
    tokens,
    batchSize: rows,
    seed: 0,
    contextSize: 16,
    ringRows: tokens,
    lr: file.lr,
    warmupSteps: 3,
    decaySteps: 0,
    adamBeta1: c.beta1,
    adamBeta2: file.beta2,
    adamEps: file.eps,
    deadAfterTokens,
    applyBDecToInput: c.applyBDecToInput,
  } as const;
  const l1 = { l1Coefficient: c.penalty, l1WarmupSteps: c.warmup };
  if (c.kind === 'gated') return makeSaeConfig({ ...shared, ...l1, architecture: 'gated' });
  if (c.kind === 'relu') {
    const { decoderNorm } = c;
    return makeSaeConfig({ ...shared, ...l1, architecture: 'relu', decoderNorm });
  }
  return makeSaeConfig({
    ...shared,
    architecture: 'jumprelu',
    mode: c.mode,
    sparsityCoefficient: c.penalty,
    sparsityWarmupSteps: c.warmup,
    targetL0: c.targetL0,
    bandwidth: c.bandwidth,
    preActCoefficient: c.preActPenalty,
  });
}
