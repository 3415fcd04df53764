// Reads tests/fixtures/dense_step.json (PyTorch autograd, made by tests/peers/dense_step.py): six runs of
// ReLU-L1, Gated and JumpReLU that the float64 twin and the WGSL kernels can both be put through.
import { readFileSync } from 'node:fs';
import type { JumpReluMode } from '../../../src/core/sae/architecture';
import { stateShape } from '../../../src/core/sae/stateShape';
import type { DenseConfig, DenseKind } from '../../../src/core/train/denseLoss';
import type { TrainerState64 } from '../../../src/core/reference/architectureReference';
import { rowNorms } from '../../../src/core/reference/denseLoss';
import type { Params64 } from '../../../src/core/reference/saeLoss';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import { initTrainerState, type TrainerState } from '../../../src/core/train/trainerState';
import type { RingRun } from './trainRing';

/** b_gate where the SAE is gated, b_enc otherwise: it has one of them. */
type Values = Record<keyof Params64 | 'b_gate', number[]>;

type FixtureStep = {
  step: number;
  mse: number;
  sparsityLoss: number;
  auxLoss: number;
  l0: number;
  deadCount: number;
};

type FixtureRun = {
  case: {
    name: string;
    kind: DenseKind;
    mode: JumpReluMode;
    decoderNorm: 'unit' | 'free';
    applyBDecToInput: boolean;
    beta1: number;
    penalty: number;
    warmup: number;
    bandwidth: number;
    targetL0: number;
    preActPenalty: number;
  };
  start: Values & { tokensSinceFired: number[] };
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

export type DenseStepRun = RingRun<DenseConfig> & {
  name: string;
  state: TrainerState;
  state64: TrainerState64;
  steps: FixtureStep[];
  /** of step 0, as Adam got them */
  firstGradients: Params64;
  /** after the last step */
  end: Params64;
  m: Params64;
  v: Params64;
  tokensSinceFired: number[];
};

export function readDenseStepFixture(): DenseStepRun[] {
  const url = new URL('../../fixtures/dense_step.json', import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile;
  return file.runs.map((run) => makeRun(file, run));
}

function makeRun(file: FixtureFile, run: FixtureRun): DenseStepRun {
  const config = configOf(file, run);
  const params = paramsOf(config, run.start);
  if (run.case.decoderNorm === 'unit') {
    const norms = rowNorms(params.W_dec, config.d_in);
    params.W_dec = params.W_dec.map((w, at) => w / norms[Math.floor(at / config.d_in)]!);
  }
  const mean = new Float32Array(config.d_in);
  const calibration = { tokens: 1, inputScale: 1, mean, variance: 1 };
  const tokensSinceFired = Uint32Array.from(run.start.tokensSinceFired);
  const zeros = (): Params64 => paramsOf(config, run.start, () => 0);
  return {
    name: run.case.name,
    config,
    calibration,
    x: Float32Array.from(file.x),
    state: {
      ...narrow(params, initTrainerState(config, calibration)),
      tokensSinceFired: tokensSinceFired.slice(),
    },
    state64: {
      step: 0,
      params,
      m: zeros(),
      v: zeros(),
      tokensSinceFired,
      running: new Float64Array(0),
    },
    steps: run.steps,
    firstGradients: paramsOf(config, run.firstGradients),
    end: paramsOf(config, run.end),
    m: paramsOf(config, run.m),
    v: paramsOf(config, run.v),
    tokensSinceFired: run.end.tokensSinceFired,
  };
}

function paramsOf(config: DenseConfig, values: Values, of = (value: number) => value): Params64 {
  const own = (name: keyof Values) => Float64Array.from(values[name], of);
  const { extra } = stateShape(config.architecture);
  return {
    W_enc: own('W_enc'),
    b_enc: own(config.architecture === 'gated' ? 'b_gate' : 'b_enc'),
    W_dec: own('W_dec'),
    b_dec: own('b_dec'),
    ...Object.fromEntries(extra.map((name) => [name, own(name)])),
  };
}

/** `state` with the values of `params`, in float32. */
function narrow(params: Params64, state: TrainerState): TrainerState {
  const extra = Object.entries(state.extra).map(([name, vector]) => [
    name,
    { ...vector, values: Float32Array.from(params[name as keyof Params64]!) },
  ]);
  return {
    ...state,
    W_enc: Float32Array.from(params.W_enc),
    b_enc: Float32Array.from(params.b_enc),
    W_dec: Float32Array.from(params.W_dec),
    b_dec: Float32Array.from(params.b_dec),
    extra: Object.fromEntries(extra) as TrainerState['extra'],
  };
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
