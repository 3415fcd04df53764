// Whole BatchTopK and Matryoshka steps of any backend's trainer: against PyTorch autograd (fixtures) and the
// float64 twin, at awkward shapes, repeated and resumed.
import { expect } from 'vitest';
import { saeTrainStepReference, toTrainerState64 } from '../../../src/core/reference/saeTrainStep';
import {
  makeSaeConfig,
  type BatchTopKConfig,
  type MatryoshkaConfig,
} from '../../../src/core/sae/sae';
import type { SaeBackend } from '../../../src/core/train/saeBackend';
import '../matchers';
import { expectGradients } from './expectGradients';
import { readLevelsStepFixture } from './levelsStepFixture';
import { ringRunOf, startState } from './ringRun';
import type { BackendTest } from '../sae/saeBackends';
import { rowsOfStep, trainRing, type RingRun } from './trainRing';

const PARAMETERS = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
type LevelsConfig = BatchTopKConfig | MatryoshkaConfig;

type Shape = { rows: number; d_in: number; d_sae: number; k: number; k_aux?: number };

export function makeRun(
  { rows, ...shape }: Shape,
  o: { widths?: number[]; auxKScale?: number; applyBDecToInput?: boolean; tokens?: number } = {},
): RingRun<LevelsConfig> {
  const input = {
    hookPoint: 'blocks.0.hook_resid_post' as const,
    ...shape,
    batchSize: rows,
    tokens: 100 * rows,
    seed: 1,
    contextSize: 16,
    ringRows: 4 * rows,
    lr: 3e-3,
    warmupSteps: 1,
    deadAfterTokens: 2 * rows,
    ...o,
  };
  const architecture = o.widths === undefined ? ('batchtopk' as const) : ('matryoshka' as const);
  return ringRunOf<LevelsConfig>(makeSaeConfig({ ...input, architecture }));
}

const CASES: { name: string; run: () => RingRun<LevelsConfig>; dead: number }[] = [
  {
    name: 'fractional k, 40 dead',
    run: () => makeRun({ rows: 33, d_in: 48, d_sae: 130, k: 4.3, k_aux: 9 }),
    dead: 40,
  },
  {
    name: 'fewer positives than k·B, all dead',
    run: () => makeRun({ rows: 33, d_in: 30, d_sae: 65, k: 65, k_aux: 15 }),
    dead: 65,
  },
  {
    name: 'less than one latent a token, none dead',
    run: () => makeRun({ rows: 40, d_in: 80, d_sae: 96, k: 0.3 }),
    dead: 0,
  },
  {
    name: 'five levels, input not centred',
    run: () =>
      makeRun(
        { rows: 33, d_in: 48, d_sae: 130, k: 6, k_aux: 9 },
        { widths: [3, 17, 64, 65, 130], applyBDecToInput: false },
      ),
    dead: 40,
  },
  {
    name: 'three levels, rows of 100 slots, AuxK off',
    run: () =>
      makeRun({ rows: 20, d_in: 32, d_sae: 300, k: 100 }, { widths: [2, 100, 300], auxKScale: 0 }),
    dead: 0,
  },
];

/** Single steps. declareRest: how all cases but the last, which needs most, are declared. */
export function levelsStepTests(declare: BackendTest, declareRest = declare): void {
  for (const architecture of ['batchtopk', 'matryoshka'] as const) {
    declare(
      `${architecture}: ten steps of PyTorch autograd and torch.optim.Adam, AuxK active`,
      async (backend) => {
        const fixture = readLevelsStepFixture(architecture);
        const run = { ...fixture, x: Float32Array.from(fixture.x) };
        const { metrics, end } = await trainRing(backend, run, fixture.state, 10);
        for (const [i, expected] of fixture.steps.entries()) {
          for (const name of ['loss', 'mse', 'auxLoss'] as const) {
            expect([metrics[i]![name]], name).toBeAllclose([expected[name]]);
          }
          for (const name of ['step', 'l0', 'auxSilent', 'deadCount'] as const) {
            expect(metrics[i]![name], name).toBe(expected[name]);
          }
        }
        for (const name of PARAMETERS) {
          expect(end[name], name).toBeAllclose(fixture.end[name]);
          for (const which of ['m', 'v'] as const) {
            const expected = fixture.end.moments[name][which];
            const largest = Math.max(...expected.map(Math.abs));
            const tolerance = { rtol: 1e-4, atol: 1e-5 * largest };
            expect(end.adam[name][which], `${which} of ${name}`).toBeAllclose(expected, tolerance);
          }
        }
        expect([...end.tokensSinceFired]).toEqual(fixture.end.tokensSinceFired);
        expect([end.running[0]!]).toBeAllclose([fixture.end.threshold]);
      },
    );
  }
  for (const [i, { name, run, dead }] of CASES.entries()) {
    (i < CASES.length - 1 ? declareRest : declare)(
      `one step equals the float64 twin: ${name}`,
      (backend) => expectOneStep(backend, run(), dead),
    );
  }
}

export async function expectOneStep(
  backend: SaeBackend,
  run: RingRun<LevelsConfig>,
  dead: number,
): Promise<void> {
  const { config, calibration } = run;
  const start = startState(run, dead);
  const { metrics, end } = await trainRing(backend, run, start, 1);
  const before = toTrainerState64(start);
  const expected = saeTrainStepReference(before, rowsOfStep(run, 0), config, calibration);
  expectGradients(end.adam, config.adamBeta1, expected.gradients);
  expect([...end.tokensSinceFired]).toEqual([...expected.state.tokensSinceFired]);
  expect([...end.running]).toBeAllclose([...expected.state.running]);
  const { loss, mse, auxLoss, explainedVariance, ...counts } = metrics[0]!;
  const reference = expected.metrics;
  expect([loss, mse, auxLoss]).toBeAllclose([reference.loss, reference.mse, reference.auxLoss]);
  expect(explainedVariance).toBeCloseTo(reference.explainedVariance, 5);
  expect(counts).toMatchObject({
    step: 0,
    l0: reference.l0,
    sparsityLoss: 0,
    deadCount: reference.deadCount,
    auxSilent: reference.auxSilent,
    nanCount: 0,
  });
  expect(auxLoss > 0).toBe(dead > 0 && config.auxKScale > 0);
}

/** Runs of many steps. */
export function levelsRunTests(declare: BackendTest): void {
  declare('a run repeats bit for bit: 30 steps, and 15 + 15', async (backend) => {
    const run = makeRun(
      { rows: 24, d_in: 32, d_sae: 100, k: 3.5, k_aux: 6 },
      { widths: [10, 100] },
    );
    const straight = await trainRing(backend, run, startState(run, 0), 30);
    const first = await trainRing(backend, run, startState(run, 0), 15);
    const second = await trainRing(backend, run, structuredClone(first.end), 15);
    expect([...first.metrics, ...second.metrics]).toEqual(straight.metrics);
    expect(second.end).toEqual(straight.end);
    expect(straight.end.running[0]).toBeGreaterThan(0);
    expect(straight.metrics.filter((m) => m.auxLoss > 0).length).toBeGreaterThan(10);
  });
}
