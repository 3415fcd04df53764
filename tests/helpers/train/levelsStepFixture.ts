// Reads tests/fixtures/{batchtopk,matryoshka}_step.json (PyTorch autograd, made by tests/peers/levels_step.py)
// as a run that the float64 twin and the WGSL trainer can both be put through.
import { readFileSync } from 'node:fs';
import {
  makeSaeConfig,
  type BatchTopKConfig,
  type MatryoshkaConfig,
} from '../../../src/core/sae/sae';
import type { Calibration, SaeConfigInput } from '../../../src/core/sae/sae';
import {
  initTrainerState,
  type StepMetrics,
  type TrainerState,
} from '../../../src/core/train/trainerState';
import { unitRows } from '../unitRows';

type ParameterName = 'W_enc' | 'b_enc' | 'W_dec' | 'b_dec';

type FixtureFile = {
  config: Omit<SaeConfigInput, 'hookPoint' | 'seed' | 'contextSize'> & {
    architecture: 'batchtopk' | 'matryoshka';
  };
  variance: number;
  x: number[];
  start: { W_dec: number[]; b_dec: number[] };
  steps: Pick<
    StepMetrics,
    'step' | 'loss' | 'mse' | 'auxLoss' | 'l0' | 'auxSilent' | 'deadCount'
  >[];
  end: Record<ParameterName, number[]> & {
    tokensSinceFired: number[];
    threshold: number;
    moments: Record<ParameterName, { m: number[]; v: number[] }>;
  };
};

export function readLevelsStepFixture(architecture: 'batchtopk' | 'matryoshka') {
  const url = new URL(`../../fixtures/${architecture}_step.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile;
  const config: BatchTopKConfig | MatryoshkaConfig = makeSaeConfig({
    ...file.config,
    hookPoint: 'blocks.0.hook_resid_post',
    seed: 0,
    contextSize: 16,
    ringRows: file.config.tokens,
  });
  const b_dec = Float64Array.from(file.start.b_dec);
  const calibration: Calibration = {
    tokens: config.tokens,
    inputScale: 1,
    mean: Float32Array.from(b_dec),
    variance: file.variance,
  };
  const W_dec = unitRows(Float64Array.from(file.start.W_dec), config.d_in);
  const state: TrainerState = initTrainerState(config, calibration);
  state.W_dec = Float32Array.from(W_dec);
  state.W_enc = Float32Array.from(W_dec);
  return { config, calibration, state, W_dec, b_dec, x: file.x, steps: file.steps, end: file.end };
}
