// Reads tests/fixtures/topk_step.json (PyTorch autograd, made by tests/peers/topk_step.py) as a run that
// the float64 twin and the WGSL trainer can both be put through.
import { readFileSync } from 'node:fs';
import { makeSaeConfig } from '../../src/core/sae/sae';
import type { Calibration, TopKConfig } from '../../src/core/sae/sae';
import { initTrainerState } from '../../src/core/train/trainerState';
import type { TrainerState } from '../../src/core/train/trainerState';
import { unitRows } from './unitRows';

type FixtureStep = {
  step: number;
  loss: number;
  mse: number;
  auxLoss: number;
  l0: number;
  auxSilent: number;
  deadCount: number;
};
type FixtureFile = {
  config: Pick<
    TopKConfig,
    | 'd_in'
    | 'd_sae'
    | 'k'
    | 'batchSize'
    | 'tokens'
    | 'lr'
    | 'warmupSteps'
    | 'decaySteps'
    | 'adamBeta1'
    | 'adamBeta2'
    | 'adamEps'
    | 'auxKScale'
    | 'k_aux'
    | 'deadAfterTokens'
  >;
  variance: number;
  x: number[];
  start: { W_dec: number[]; b_dec: number[] };
  steps: FixtureStep[];
  end: {
    W_enc: number[];
    b_enc: number[];
    W_dec: number[];
    b_dec: number[];
    tokensSinceFired: number[];
  };
};

export type TopkStepFixture = {
  config: TopKConfig;
  calibration: Calibration;
  state: TrainerState;
  /** the start's W_dec = W_encᵀ in float64, rows normalised */
  W_dec: Float64Array;
  b_dec: Float64Array;
  /** [tokens, d_in], x units */
  x: number[];
  steps: FixtureStep[];
  end: FixtureFile['end'];
};

export function readTopkStepFixture(): TopkStepFixture {
  const url = new URL('../fixtures/topk_step.json', import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile;
  const config = makeSaeConfig({
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
  const state = initTrainerState(config, calibration);
  state.W_dec = Float32Array.from(W_dec);
  state.W_enc = Float32Array.from(W_dec);
  return { config, calibration, state, W_dec, b_dec, x: file.x, steps: file.steps, end: file.end };
}
