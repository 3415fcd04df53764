// Whole steps of ReLU-L1, Gated and JumpReLU of any backend's trainer: against PyTorch autograd (fixture) and
// the float64 twin, at awkward shapes, repeated and resumed.
import { describe, expect } from 'vitest';
import { hasUnitDecoder } from '../../../src/core/sae/architecture';
import { denseLossAt, type DenseConfig } from '../../../src/core/train/denseLoss';
import { denseLossReference, rowNorms } from '../../../src/core/reference/denseLoss';
import type { Params64 } from '../../../src/core/reference/saeLoss';
import { saeTrainStepReference, toTrainerState64 } from '../../../src/core/reference/saeTrainStep';
import { makeRng } from '../../../src/core/numeric/rng';
import { makeSaeConfig, type SaeConfigInput } from '../../../src/core/sae/sae';
import { initTrainerState, type TrainerState } from '../../../src/core/train/trainerState';
import { readDenseStepFixture } from './denseStepFixture';
import '../matchers';
import type { BackendTest } from '../sae/saeBackends';
import { ringRunOf } from './ringRun';
import { rowsOfStep, trainRing, type RingRun, type RingTraining } from './trainRing';

/** Relative 1e-4 (the bar), against the tensor's largest value where cancellation leaves little. */
function expectParams(actual: Params64, expected: Params64, label: string) {
  for (const name of Object.keys(expected) as (keyof Params64)[]) {
    const largest = Math.max(...expected[name]!.map(Math.abs));
    const tolerance = { rtol: 1e-4, atol: 1e-5 * largest + 1e-12 };
    expect(actual[name]!, `${label} ${name}`).toBeAllclose(expected[name]!, tolerance);
  }
}

type Architecture = Partial<SaeConfigInput> & { architecture: DenseConfig['architecture'] };
type Shape = readonly [rows: number, d_in: number, d_sae: number];

export const JUMP = {
  architecture: 'jumprelu',
  targetL0: 4,
  bandwidth: 0.8,
  sparsityCoefficient: 2,
  preActCoefficient: 0.01,
} as const;

const CASES: { name: string; o: Architecture; shape: Shape }[] = [
  { name: 'relu', o: { architecture: 'relu' }, shape: [33, 48, 130] },
  { name: 'relu, one of each', o: { architecture: 'relu' }, shape: [1, 4, 1] },
  {
    name: 'relu, unit norm, not centred, no clip',
    o: { architecture: 'relu', decoderNorm: 'unit', applyBDecToInput: false, clipNorm: 0 },
    shape: [70, 30, 65],
  },
  { name: 'gated', o: { architecture: 'gated' }, shape: [33, 30, 130] },
  {
    name: 'gated, not centred',
    o: { architecture: 'gated', applyBDecToInput: false },
    shape: [65, 80, 96],
  },
  ...(['tanh', 'quadratic', 'step'] as const).flatMap((mode) => [
    {
      name: `jumprelu ${mode}`,
      o: { ...JUMP, mode },
      shape: [33, 48, 130] as const,
    },
    {
      name: `jumprelu ${mode}, centred`,
      o: { ...JUMP, mode, applyBDecToInput: true },
      shape: [70, 31, 65] as const,
    },
  ]),
];

/** Single steps. declareRest: how all cases but two are declared. */
export function denseStepTests(declare: BackendTest, declareRest = declare): void {
  for (const run of readDenseStepFixture()) {
    declare(`ten steps of PyTorch autograd, clip and Adam: ${run.name}`, async (backend) => {
      const { metrics, end } = await trainRing(backend, run, run.state, 10);
      expect(metrics.length).toBe(10);
      for (const [i, expected] of run.steps.entries()) {
        for (const name of ['mse', 'sparsityLoss', 'auxLoss'] as const) {
          const label = `${name} of step ${i}`;
          expect([metrics[i]![name]], label).toBeAllclose([expected[name]], { rtol: 1e-4 });
        }
        expect(metrics[i]!.l0).toBeCloseTo(expected.l0, 9);
        expect(metrics[i]!.deadCount).toBe(expected.deadCount);
        expect(metrics[i]!.nanCount).toBe(0);
      }
      const state = toTrainerState64(end);
      expectParams(state.params, run.end, 'value of');
      expectParams(state.m, run.m, 'm of');
      expectParams(state.v, run.v, 'v of');
      expect([...end.tokensSinceFired]).toEqual(run.tokensSinceFired);
    });
  }
  for (const [i, { name, o, shape }] of CASES.entries()) {
    (i === 2 || i === 3 ? declare : declareRest)(
      `one step equals the float64 twin: ${name}, B × d × n ${shape.join(' × ')}`,
      (backend) =>
        expectOneStep(makeRun(o, shape), (run, start) => trainRing(backend, run, start, 1)),
    );
  }
}

export function makeRun(
  o: Architecture,
  [rows, d_in, d_sae]: Shape,
  { steps = 100, batches = 4 } = {},
): RingRun<DenseConfig> {
  return ringRunOf(
    makeSaeConfig<DenseConfig['architecture']>({
      hookPoint: 'blocks.0.hook_resid_post',
      d_in,
      d_sae,
      batchSize: rows,
      tokens: steps * rows,
      seed: 1,
      contextSize: 16,
      ringRows: batches * rows,
      lr: 1e-2,
      warmupSteps: 1,
      deadAfterTokens: 2 * rows,
      ...o,
    }),
  );
}

/** Vectors off their zeros, some latents dead and some that will stay so. */
function startState({ config, calibration }: RingRun<DenseConfig>): TrainerState {
  const state = initTrainerState(config, calibration);
  const rng = makeRng(17);
  const small = (values: Float32Array) => values.map((value) => value + 0.05 * rng.normal());
  state.b_enc = small(state.b_enc);
  state.b_dec = small(state.b_dec);
  for (const vector of Object.values(state.extra)) vector.values = small(vector.values);
  for (let latent = 0; latent < config.d_sae; latent += 7) {
    state.tokensSinceFired[latent] = config.deadAfterTokens;
    if (latent % 14 === 7) state.b_enc[latent] = -20;
  }
  return state;
}

/** Adam's first moment after one step is the gradient: (1 − β1)·g. */
export async function expectOneStep(
  run: RingRun<DenseConfig>,
  train: (run: RingRun, start: TrainerState) => Promise<RingTraining>,
): Promise<void> {
  const { config } = run;
  const start = startState(run);
  const { metrics, end } = await train(run, start);
  const before = toTrainerState64(start);
  const expected = saeTrainStepReference(before, rowsOfStep(run, 0), config, run.calibration);
  const state = toTrainerState64(end);
  const gradients = Object.fromEntries(
    Object.entries(state.m).map(([name, m]) => [name, m.map((v) => v / (1 - config.adamBeta1))]),
  ) as Params64;
  expectParams(gradients, expected.gradients, 'gradient of');
  expect([...end.tokensSinceFired]).toEqual([...expected.state.tokensSinceFired]);
  const reference = expected.metrics;
  const { loss, mse, sparsityLoss, auxLoss, l0, nanCount } = metrics[0]!;
  expect([loss, mse, sparsityLoss, auxLoss]).toBeAllclose(
    [reference.loss, reference.mse, reference.sparsityLoss, reference.auxLoss],
    { rtol: 1e-4 },
  );
  expect(l0).toBeCloseTo(reference.l0, 9);
  expect(nanCount).toBe(0);
  if (hasUnitDecoder(config)) {
    for (const norm of rowNorms(state.params.W_dec, config.d_in)) expect(norm).toBeCloseTo(1, 6);
  }
}

/** Errors of rows, and runs of many steps. */
export function denseRunTests(declare: BackendTest): void {
  describe.each(['relu', 'gated'] as const)('errors of rows under %s', (architecture) => {
    declare('equal the float64 twin, beyond a batch, and change nothing', async (backend) => {
      const run = makeRun({ architecture }, [33, 30, 130]);
      const { config, calibration, x } = run;
      const { d_in, ringRows, d_sae, applyBDecToInput } = config;
      const state = startState(run);
      const ring = await backend.createRing({ rows: ringRows, d: d_in });
      const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
      await ring.append({ where: 'cpu', rows: ringRows, cols: d_in, data: x }, everyRow, 1, 0);
      const trainer = await backend.createTrainer({ config, calibration, state, ring });
      const rows = Uint32Array.from({ length: 50 }, (_, i) => (7 * i) % ringRows);
      const errors = await trainer.squaredErrors(rows);
      const shape = { d_in, d_sae, rows: 50, applyBDecToInput, loss: denseLossAt(config, 0) };
      const read = await ring.readRows(rows);
      rows.forEach((row, i) => {
        const own = read.subarray(i * d_in, (i + 1) * d_in);
        expect([...own]).toEqual([...x.subarray(row * d_in, (row + 1) * d_in)]);
      });
      const { params } = toTrainerState64(state);
      const { e: error } = denseLossReference(params, read, new Uint32Array(0), shape);
      const expected = Float64Array.from(rows, (_, i) =>
        error.subarray(i * d_in, (i + 1) * d_in).reduce((sum, e) => sum + e * e, 0),
      );
      expect(errors).toBeAllclose(expected, { rtol: 1e-4 });
      expect(await trainer.readState()).toEqual(state);
      trainer.dispose();
      ring.dispose();
    });
  });

  describe.each([
    { architecture: 'relu' },
    { architecture: 'gated' },
    { ...JUMP, mode: 'tanh' },
  ] as const)('a run of $architecture repeats bit for bit', (o) => {
    declare('30 steps twice, and 15 + 15 from the saved state', async (backend) => {
      const run = makeRun(o, [24, 32, 100], { steps: 30 });
      const first = await trainRing(backend, run, startState(run), 30);
      const second = await trainRing(backend, run, startState(run), 30);
      expect(second).toEqual(first);
      expect(first.metrics.at(-1)!.mse).toBeLessThan(0.7 * first.metrics[0]!.mse);
      const half = await trainRing(backend, run, startState(run), 15);
      expect(half.end.step).toBe(15);
      const rest = await trainRing(backend, run, structuredClone(half.end), 15);
      expect([...half.metrics, ...rest.metrics]).toEqual(first.metrics);
      expect(rest.end).toEqual(first.end);
    });
  });
}
