// Reads tests/fixtures/topk_step.json or transcoder_step.json (PyTorch autograd, made by tests/peers/topk_step.py)
// as a run that the float64 twin and the trainers can all be put through.
import { readFileSync } from 'node:fs';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import type { Calibration, TopKConfig, TranscoderConfig } from '../../../src/core/sae/sae';
import { initTrainerState } from '../../../src/core/train/trainerState';
import type { TrainerState } from '../../../src/core/train/trainerState';
import { unitRows } from '../unitRows';

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
  y?: number[];
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
  config: TopKConfig | TranscoderConfig;
  calibration: Calibration;
  state: TrainerState;
  /** the start's W_dec = W_encᵀ in float64, rows normalised */
  W_dec: Float64Array;
  b_dec: Float64Array;
  /** [tokens, d_in], x units */
  x: number[];
  /** a transcoder's: what it rebuilds, y units */
  y?: number[];
  steps: FixtureStep[];
  end: FixtureFile['end'];
};

export function readTopkStepFixture(architecture: 'topk' | 'transcoder' = 'topk'): TopkStepFixture {
  const url = new URL(`../../fixtures/${architecture}_step.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile;
  const config = makeSaeConfig<'topk' | 'transcoder'>({
    ...file.config,
    architecture,
    hookPoint:
      architecture === 'topk' ? 'blocks.0.hook_resid_post' : 'blocks.0.ln2.hook_normalized',
    seed: 0,
    contextSize: 16,
    ringRows: file.config.tokens,
  });
  const b_dec = Float64Array.from(file.start.b_dec);
  const calibration: Calibration = {
    tokens: config.tokens,
    inputScale: 1,
    ...(architecture === 'transcoder' && { outputScale: 1 }),
    mean: Float32Array.from(b_dec),
    variance: file.variance,
  };
  const W_dec = unitRows(Float64Array.from(file.start.W_dec), config.d_in);
  const state = initTrainerState(config, calibration);
  state.W_dec = Float32Array.from(W_dec);
  state.W_enc = Float32Array.from(W_dec);
  const { x, y, steps, end } = file;
  return { config, calibration, state, W_dec, b_dec, x, ...(y && { y }), steps, end };
}
