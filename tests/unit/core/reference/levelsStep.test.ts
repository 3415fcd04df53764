// BatchTopK and Matryoshka in float64: against PyTorch autograd (fixtures), against finite differences, and
// each trap of sae.md §11 that they can fall into.
import { describe, expect, it } from 'vitest';
import {
  levelsGradientsReference,
  levelsLossReference,
  thresholdReference,
  type LevelsShape,
} from '../../../../src/core/reference/levelsStep';
import type { Params64 } from '../../../../src/core/reference/saeLoss';
import {
  saeTrainStepReference,
  toTrainerState64,
} from '../../../../src/core/reference/saeTrainStep';
import { makeRng } from '../../../../src/core/numeric/rng';
import { readLevelsStepFixture } from '../../../helpers/train/levelsStepFixture';

const PARAMETERS = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
const DEAD = Uint32Array.of(1, 4, 8, 13);
const SHAPE: LevelsShape = {
  d_in: 6,
  d_sae: 14,
  rows: 9,
  kept: 23,
  widths: [14],
  variance: 2.5,
  auxKScale: 0.7,
  k_aux: 2,
  applyBDecToInput: true,
};

function randomCase(shape: LevelsShape): { params: Params64; x: Float64Array } {
  const rng = makeRng(5);
  const values = (length: number, scale: number) =>
    Float64Array.from({ length }, () => scale * rng.normal());
  const { d_in, d_sae, rows } = shape;
  const params = {
    W_enc: values(d_sae * d_in, 0.5),
    b_enc: values(d_sae, 0.1),
    W_dec: values(d_sae * d_in, 0.5),
    b_dec: values(d_in, 0.5),
  };
  return { params, x: values(rows * d_in, 1) };
}

describe.each(['batchtopk', 'matryoshka'] as const)('the %s step', (architecture) => {
  it('agrees with ten steps of PyTorch autograd and torch.optim.Adam, moments included', () => {
    const fixture = readLevelsStepFixture(architecture);
    const { config, calibration, x, end } = fixture;
    let state = toTrainerState64(fixture.state);
    state.params.W_dec = fixture.W_dec.slice();
    state.params.W_enc = fixture.W_dec.slice();
    state.params.b_dec = fixture.b_dec.slice();
    const rowFloats = config.batchSize * config.d_in;
    for (const expected of fixture.steps) {
      const rows = x.slice(expected.step * rowFloats, (expected.step + 1) * rowFloats);
      const done = saeTrainStepReference(state, rows, config, calibration);
      for (const [name, value] of Object.entries(expected)) {
        expect(done.metrics[name as keyof typeof expected], name).toBeCloseTo(value, 9);
      }
      state = done.state;
    }
    for (const name of PARAMETERS) {
      const apart = (ours: Float64Array, theirs: number[], within: number) =>
        ours.findIndex((value, i) => !(Math.abs(value - theirs[i]!) <= within));
      expect(apart(state.params[name], end[name], 1e-8), name).toBe(-1);
      expect(apart(state.m[name], end.moments[name].m, 1e-11), `m of ${name}`).toBe(-1);
      expect(apart(state.v[name], end.moments[name].v, 1e-13), `v of ${name}`).toBe(-1);
    }
    expect([...state.tokensSinceFired]).toEqual(end.tokensSinceFired);
    expect(state.running[0]).toBeCloseTo(end.threshold, 10);
    expect(fixture.steps.some((step) => step.auxLoss > 0)).toBe(true);
  });
});

describe('gradients of the nested losses', () => {
  it.each([
    { name: 'one level, AuxK', shape: SHAPE, dead: DEAD },
    { name: 'three levels, AuxK', shape: { ...SHAPE, widths: [3, 8, 14] }, dead: DEAD },
    {
      name: 'three levels, input not centred',
      shape: { ...SHAPE, widths: [1, 8, 14], applyBDecToInput: false },
      dead: new Uint32Array(0),
    },
  ])('equal central finite differences: $name', ({ shape, dead }) => {
    const { params, x } = randomCase(shape);
    const trace = levelsLossReference(params, x, dead, shape);
    const gradients = levelsGradientsReference(params, trace, dead, shape);
    const detached = { e: trace.errors.at(-1)!, errorVariance: trace.errorVariance };
    const step = 1e-6;
    for (const name of PARAMETERS) {
      const largest = Math.max(...gradients[name].map(Math.abs));
      for (let i = 0; i < params[name].length; i++) {
        const lossAt = (delta: number) => {
          const moved = { ...params, [name]: params[name].slice() };
          moved[name][i]! += delta;
          return levelsLossReference(moved, x, dead, shape, detached).loss;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        expect(Math.abs(gradients[name][i]! - slope), `${name}[${i}]`).toBeLessThan(1e-6 * largest);
      }
    }
  });
});

describe('selection over the batch', () => {
  it('keeps exactly the budget, and rows share it unequally', () => {
    const { params, x } = randomCase(SHAPE);
    const { f } = levelsLossReference(params, x, DEAD, SHAPE);
    const perRow = Array.from(
      { length: SHAPE.rows },
      (_, row) => f.subarray(row * 14, (row + 1) * 14).filter((act) => act > 0).length,
    );
    expect(perRow.reduce((a, b) => a + b)).toBe(SHAPE.kept);
    expect(new Set(perRow).size).toBeGreaterThan(1);
  });

  it('AuxK is the same for any b_dec, given the same pre-activations and SAE error', () => {
    const shape = { ...SHAPE, applyBDecToInput: false };
    const { params, x } = randomCase(shape);
    const withBias = levelsLossReference(params, x, DEAD, shape);
    const detached = { e: withBias.errors[0]!, errorVariance: withBias.errorVariance };
    const without = { ...params, b_dec: new Float64Array(6) };
    expect(params.b_dec.some((value) => value !== 0)).toBe(true);
    expect(levelsLossReference(without, x, DEAD, shape, detached).auxLoss).toBe(withBias.auxLoss);
  });
});

describe('the running threshold', () => {
  it('starts at the first smallest kept activation, then follows slowly', () => {
    const first = thresholdReference([0, 0], [0, 3, 2, 0], 0.01);
    expect([...first]).toEqual([2, 1]);
    const second = thresholdReference(first, [5, 0, 4], 0.01);
    expect(second[0]).toBeCloseTo(0.99 * 2 + 0.01 * 4, 12);
  });

  it('is left alone by a batch that kept nothing', () => {
    expect([...thresholdReference([0.5, 1], [0, 0], 0.01)]).toEqual([0.5, 1]);
  });
});
