// Whole TopK and transcoder steps of any backend's trainer: against PyTorch autograd (fixture) and the float64 twin, at
// awkward shapes, repeated and resumed.
import { describe, expect } from 'vitest';
import { ShapeError } from '../../../src/core/errors';
import { saeTrainStepReference, toTrainerState64 } from '../../../src/core/reference/saeTrainStep';
import type { TopKConfig, TranscoderConfig } from '../../../src/core/sae/sae';
import type { SaeBackend } from '../../../src/core/train/saeBackend';
import '../matchers';
import { expectGradients } from './expectGradients';
import type { BackendTest } from '../sae/saeBackends';
import { readTopkStepFixture } from './topkStepFixture';
import { ringRunOf, startState } from './ringRun';
import { rowsOfStep, targetsOfStep, trainRing, type RingRun } from './trainRing';
import { caseConfig, describeShape, transcoderConfig, type CaseShape } from './trainerCase';

const PARAMETERS = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;

export function makeRun(shape: CaseShape, o: Partial<TopKConfig> = {}): RingRun<TopKConfig> {
  return ringRunOf(caseConfig(shape, { tokens: 100 * shape.rows, ringRows: 4 * shape.rows, ...o }));
}

export function makeTranscoderRun(
  shape: CaseShape,
  o: Partial<TranscoderConfig> = {},
): RingRun<TranscoderConfig> {
  const sizes = { tokens: 100 * shape.rows, ringRows: 4 * shape.rows };
  return ringRunOf(transcoderConfig(shape, { ...sizes, ...o }));
}

function peerTest(declare: BackendTest, architecture: 'topk' | 'transcoder'): void {
  declare(
    `agrees with ten steps of PyTorch autograd and torch.optim.Adam, AuxK active, ${architecture}`,
    async (backend) => {
      const { x, y, ...fixture } = readTopkStepFixture(architecture);
      const targets = y && { y: Float32Array.from(y) };
      const run = { ...fixture, x: Float32Array.from(x), ...targets };
      const { metrics, end } = await trainRing(backend, run, fixture.state, 10);
      expect(metrics.length).toBe(10);
      for (const [i, expected] of fixture.steps.entries()) {
        for (const name of ['loss', 'mse', 'auxLoss'] as const) {
          expect([metrics[i]![name]], name).toBeAllclose([expected[name]]);
        }
        for (const name of ['step', 'l0', 'auxSilent', 'deadCount'] as const) {
          expect(metrics[i]![name], name).toBe(expected[name]);
        }
      }
      for (const name of PARAMETERS) expect(end[name]).toBeAllclose(fixture.end[name]);
      expect([...end.tokensSinceFired]).toEqual(fixture.end.tokensSinceFired);
    },
  );
}

/** Single steps of a transcoder. declareRest: how all cases but the first are declared. */
export function transcoderStepTests(declare: BackendTest, declareRest = declare): void {
  peerTest(declare, 'transcoder');
  const cases = [
    { shape: { rows: 33, d_in: 48, d_sae: 130, k: 5, k_aux: 9 }, dead: 40 },
    { shape: { rows: 33, d_in: 30, d_sae: 65, k: 65, k_aux: 15 }, dead: 65 },
    { shape: { rows: 32, d_in: 64, d_sae: 512, k: 8 }, dead: 0 },
  ];
  for (const [i, { shape, dead }] of cases.entries()) {
    const name = `one step equals the float64 twin: ${describeShape(shape)}, ${dead} dead`;
    (i < 1 ? declare : declareRest)(name, (backend) =>
      expectOneStep(backend, makeTranscoderRun(shape), dead),
    );
  }
}

/** A run of many steps of a transcoder. */
export function transcoderRunTests(declare: BackendTest): void {
  declare('40 steps of a transcoder, and 20 + 20 from its state', async (backend) => {
    const shape = { rows: 24, d_in: 32, d_sae: 100, k: 4, k_aux: 6 };
    const sizes = { deadAfterTokens: 48, tokens: 40 * 24, lr: 3e-3 };
    const run = makeTranscoderRun(shape, sizes);
    const straight = await trainRing(backend, run, startState(run, 0), 40);
    const first = await trainRing(backend, run, startState(run, 0), 20);
    const second = await trainRing(backend, run, structuredClone(first.end), 20);
    expect([...first.metrics, ...second.metrics]).toEqual(straight.metrics);
    expect(second.end).toEqual(straight.end);
    const { loss } = straight.metrics.at(-1)!;
    expect(loss).toBeLessThan(0.7 * straight.metrics[0]!.loss);
  });
}

/** Single steps of TopK. declareRest: how all cases but the first two are declared. */
export function topkStepTests(declare: BackendTest, declareRest = declare): void {
  peerTest(declare, 'topk');

  const CASES: { shape: CaseShape; dead: number; name: string; o?: Partial<TopKConfig> }[] = [
    { shape: { rows: 33, d_in: 48, d_sae: 130, k: 5, k_aux: 9 }, dead: 40, name: '40 dead' },
    {
      shape: { rows: 33, d_in: 30, d_sae: 65, k: 65, k_aux: 15 },
      dead: 65,
      name: 'k = n, all dead',
    },
    { shape: { rows: 32, d_in: 64, d_sae: 512, k: 8 }, dead: 0, name: 'none dead' },
    { shape: { rows: 40, d_in: 80, d_sae: 96, k: 4 }, dead: 3, name: '3 dead, fewer than k_aux' },
    {
      shape: { rows: 33, d_in: 48, d_sae: 130, k: 5 },
      dead: 40,
      name: 'AuxK off',
      o: { auxKScale: 0 },
    },
    {
      shape: { rows: 33, d_in: 48, d_sae: 130, k: 5 },
      dead: 20,
      name: 'input not centred',
      o: { applyBDecToInput: false },
    },
  ];
  for (const [i, { shape, dead, name, o }] of CASES.entries()) {
    const title = `one step equals the float64 twin: ${describeShape(shape)}, ${name}`;
    (i < 2 ? declare : declareRest)(title, (backend) =>
      expectOneStep(backend, makeRun(shape, o), dead),
    );
  }
}

export async function expectOneStep(
  backend: SaeBackend,
  run: RingRun<TopKConfig | TranscoderConfig>,
  dead: number,
): Promise<void> {
  const { config, calibration } = run;
  const start = startState(run, dead);
  const { metrics, end } = await trainRing(backend, run, start, 1);
  const expected = saeTrainStepReference(
    toTrainerState64(start),
    rowsOfStep(run, 0),
    config,
    calibration,
    targetsOfStep(run, 0),
  );
  expectGradients(end.adam, config.adamBeta1, expected.gradients);
  expect([...end.tokensSinceFired]).toEqual([...expected.state.tokensSinceFired]);
  const { loss, mse, auxLoss, sparsityLoss, explainedVariance, ...counts } = metrics[0]!;
  const reference = expected.metrics;
  expect([loss, mse, auxLoss]).toBeAllclose([reference.loss, reference.mse, reference.auxLoss]);
  expect(sparsityLoss).toBe(0);
  expect(explainedVariance).toBeCloseTo(reference.explainedVariance, 5);
  expect(counts).toEqual({
    step: 0,
    l0: reference.l0,
    deadCount: reference.deadCount,
    auxSilent: reference.auxSilent,
    overflowRows: 0,
    nanCount: 0,
  });
  expect(auxLoss > 0).toBe(dead > 0 && config.auxKScale > 0);
}

/** 24 rows a step, dead after 2 steps of silence: AuxK works in nearly every step. */
export function auxRun(): RingRun<TopKConfig> {
  const shape = { rows: 24, d_in: 32, d_sae: 100, k: 4, k_aux: 6 };
  return makeRun(shape, { deadAfterTokens: 48, tokens: 40 * 24, lr: 3e-3 });
}

/** Runs of many steps. */
export function topkRunTests(declare: BackendTest): void {
  describe('a run repeats bit for bit', () => {
    declare('40 steps, twice', async (backend) => {
      const run = auxRun();
      const first = await trainRing(backend, run, startState(run, 0), 40);
      const second = await trainRing(backend, run, startState(run, 0), 40);
      expect(second).toEqual(first);
      expect(first.metrics.filter((m) => m.auxLoss > 0).length).toBeGreaterThan(30);
      expect(first.metrics.at(-1)!.loss).toBeLessThan(0.7 * first.metrics[0]!.loss);
    });

    declare('40 steps, and 20 + 20 from its state', async (backend) => {
      const run = auxRun();
      const straight = await trainRing(backend, run, startState(run, 0), 40);
      const first = await trainRing(backend, run, startState(run, 0), 20);
      expect(first.end.step).toBe(20);
      const second = await trainRing(backend, run, structuredClone(first.end), 20);
      expect([...first.metrics, ...second.metrics]).toEqual(straight.metrics);
      expect(second.end).toEqual(straight.end);
      expect(second.metrics.filter((m) => m.auxLoss > 0).length).toBeGreaterThan(15);
    });

    declare('the float64 twin follows for 40 steps within 1 %', async (backend) => {
      const run = auxRun();
      const { metrics } = await trainRing(backend, run, startState(run, 0), 40);
      let state = toTrainerState64(startState(run, 0));
      for (const [step, { loss }] of metrics.entries()) {
        const done = saeTrainStepReference(
          state,
          rowsOfStep(run, step),
          run.config,
          run.calibration,
        );
        expect(Math.abs(loss - done.metrics.loss)).toBeLessThan(0.01 * done.metrics.loss);
        state = done.state;
      }
    });
  });

  describe('the trainer as an object', () => {
    async function open(backend: SaeBackend, run: RingRun) {
      const { config, calibration, x } = run;
      const { ringRows, d_in } = config;
      const ring = await backend.createRing({ rows: ringRows, d: d_in });
      const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
      await ring.append({ where: 'cpu', rows: ringRows, cols: d_in, data: x }, everyRow, 1, 0);
      const state = startState(run, 0);
      return {
        trainer: await backend.createTrainer({ config, calibration, state, ring }),
        everyRow,
      };
    }

    declare(
      'hands out each step’s metrics once, in order, without being waited for',
      async (backend) => {
        const { trainer, everyRow } = await open(backend, auxRun());
        const seen: number[] = [];
        for (let step = 0; step < 12; step++) {
          trainer.step(everyRow.subarray(0, 24));
          await trainer.ready();
          seen.push(...(await trainer.takeMetrics()).map((m) => m.step));
          // At most two are in flight after `ready`.
          expect(seen.length).toBeGreaterThanOrEqual(step - 1);
        }
        seen.push(...(await trainer.takeMetrics({ all: true })).map((m) => m.step));
        expect(seen).toEqual([...Array(12).keys()]);
        expect(await trainer.takeMetrics({ all: true })).toEqual([]);
      },
    );

    declare('reads parameters in SAELens order', async (backend) => {
      const { trainer, everyRow } = await open(backend, auxRun());
      trainer.step(everyRow.subarray(0, 24));
      const [state, params] = [await trainer.readState(), await trainer.readParams()];
      expect(params.W_enc[3 * 100 + 17]).toBe(state.W_enc[17 * 32 + 3]);
      expect(params.W_dec).toEqual(state.W_dec);
      expect(params.b_dec.length).toBe(32);
      expect(params.b_enc.length).toBe(100);
    });

    declare('refuses a step of another size', async (backend) => {
      const { trainer, everyRow } = await open(backend, auxRun());
      expect(() => {
        trainer.step(everyRow.subarray(0, 23));
      }).toThrow(ShapeError);
    });
  });
}
