// The float64 training step against PyTorch autograd (fixture) and against its own finite differences;
// each trap of sae.md §11 that TopK can fall into.
import { describe, expect, it } from 'vitest';
import { saeGradientsReference } from '../../../../src/core/reference/saeGradients';
import { saeLossReference } from '../../../../src/core/reference/saeLoss';
import type { LossShape, Params64 } from '../../../../src/core/reference/saeLoss';
import {
  projectRows,
  saeTrainStepReference,
  toTrainerState64,
} from '../../../../src/core/reference/saeTrainStep';
import { makeRng } from '../../../../src/core/numeric/rng';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { initTrainerState } from '../../../../src/core/train/trainerState';
import { readTopkStepFixture } from '../../../helpers/train/topkStepFixture';

const PARAMETERS = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;

const SHAPE: LossShape = {
  d_in: 6,
  d_sae: 14,
  k: 3,
  rows: 9,
  variance: 2.5,
  auxKScale: 0.7,
  k_aux: 2,
  applyBDecToInput: true,
};
const DEAD = Uint32Array.of(1, 4, 8, 13);

function randomCase(shape: LossShape, seed = 3): { params: Params64; x: Float64Array } {
  const rng = makeRng(seed);
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

describe('gradients of the TopK loss', () => {
  it.each([
    { name: 'with AuxK', shape: SHAPE, dead: DEAD },
    { name: 'without dead latents', shape: SHAPE, dead: new Uint32Array(0) },
    { name: 'input not centred', shape: { ...SHAPE, applyBDecToInput: false }, dead: DEAD },
    { name: 'k = d_sae', shape: { ...SHAPE, k: SHAPE.d_sae }, dead: DEAD },
  ])('equal central finite differences: $name', ({ shape, dead }) => {
    const { params, x } = randomCase(shape);
    const trace = saeLossReference(params, x, dead, shape);
    const gradients = saeGradientsReference(params, trace, dead, shape);
    const step = 1e-6;
    for (const name of PARAMETERS) {
      const largest = Math.max(...gradients[name].map(Math.abs));
      for (let i = 0; i < params[name].length; i++) {
        const lossAt = (delta: number) => {
          const moved = { ...params, [name]: params[name].slice() };
          moved[name][i]! += delta;
          return saeLossReference(moved, x, dead, shape, { detached: trace }).loss;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        expect(Math.abs(gradients[name][i]! - slope), `${name}[${i}]`).toBeLessThan(1e-6 * largest);
      }
    }
  });
});

describe('the training step', () => {
  it('agrees with ten steps of PyTorch autograd and torch.optim.Adam', () => {
    const fixture = readTopkStepFixture();
    const { config, calibration, x } = fixture;
    let state = toTrainerState64(fixture.state);
    state.params.W_dec = fixture.W_dec.slice();
    state.params.W_enc = fixture.W_dec.slice();
    state.params.b_dec = fixture.b_dec.slice();
    const rowFloats = config.batchSize * config.d_in;
    for (const expected of fixture.steps) {
      const from = expected.step * rowFloats;
      const done = saeTrainStepReference(
        state,
        x.slice(from, from + rowFloats),
        config,
        calibration,
      );
      for (const [name, value] of Object.entries(expected)) {
        expect(done.metrics[name as keyof typeof expected], name).toBeCloseTo(value, 9);
      }
      state = done.state;
    }
    for (const name of PARAMETERS) {
      const wrong = state.params[name].findIndex(
        (p, i) => Math.abs(p - fixture.end[name][i]!) > 1e-8,
      );
      expect(wrong, name).toBe(-1);
    }
    expect([...state.tokensSinceFired]).toEqual(fixture.end.tokensSinceFired);
  });

  it('keeps decoder rows at norm 1 and hands Adam a gradient at right angles to them', () => {
    const fixture = readTopkStepFixture();
    const { config } = fixture;
    const before = toTrainerState64(fixture.state);
    const rows = fixture.x.slice(0, config.batchSize * config.d_in);
    const { state, gradients } = saeTrainStepReference(before, rows, config, fixture.calibration);
    for (let latent = 0; latent < config.d_sae; latent++) {
      const row = (values: Float64Array) =>
        values.subarray(latent * config.d_in, (latent + 1) * config.d_in);
      expect(Math.hypot(...row(state.params.W_dec))).toBeCloseTo(1, 12);
      const along = row(gradients.W_dec).reduce(
        (sum, g, i) => sum + g * row(before.params.W_dec)[i]!,
        0,
      );
      expect(Math.abs(along)).toBeLessThan(1e-12);
    }
  });

  it('projects with the unit vector even where a row is off norm', () => {
    const gradient = Float64Array.of(3, 4, 5);
    projectRows(gradient, Float64Array.of(0, 0, 2), 3);
    expect([...gradient]).toEqual([3, 4, 0]);
  });

  it('does not count a latent kept with value 0 as fired', () => {
    const config = makeSaeConfig({
      hookPoint: 'blocks.0.hook_resid_post',
      d_in: 4,
      d_sae: 8,
      k: 8,
      tokens: 20,
      batchSize: 10,
      seed: 5,
      contextSize: 4,
      ringRows: 10,
    });
    const calibration = { tokens: 20, inputScale: 1, mean: new Float32Array(4), variance: 1 };
    const state = toTrainerState64(initTrainerState(config, calibration));
    state.params.b_enc.fill(-1e3, 0, 3);
    const rng = makeRng(1);
    const x = Array.from({ length: 40 }, () => rng.normal());
    const done = saeTrainStepReference(state, x, config, calibration);
    expect([...done.state.tokensSinceFired.subarray(0, 3)]).toEqual([10, 10, 10]);
    expect(done.metrics.l0).toBeLessThan(5);
  });
});

describe('AuxK', () => {
  it('is the same for any b_dec, given the same pre-activations and SAE error', () => {
    const shape = { ...SHAPE, applyBDecToInput: false };
    const { params, x } = randomCase(shape);
    const shift = params.b_dec;
    const without = { ...params, b_dec: new Float64Array(shape.d_in) };
    const withBias = saeLossReference(params, x, DEAD, shape);
    // e does not change when b_dec and the target move together; h does not see x's move.
    const target = saeLossReference(without, x, DEAD, shape, { detached: withBias });
    expect(shift.some((value) => value !== 0)).toBe(true);
    expect(target.auxLoss).toBe(withBias.auxLoss);
  });

  it('sends nothing back through e: the gradient of live latents is that of the main loss', () => {
    const { params, x } = randomCase(SHAPE);
    const gradientsOf = (dead: Uint32Array) =>
      saeGradientsReference(params, saeLossReference(params, x, dead, SHAPE), dead, SHAPE);
    const withAux = gradientsOf(DEAD);
    const without = gradientsOf(new Uint32Array(0));
    const deadSet = new Set(DEAD);
    let changed = 0;
    for (let i = 0; i < withAux.W_dec.length; i++) {
      const isDead = deadSet.has(Math.floor(i / SHAPE.d_in));
      if (!isDead) expect(withAux.W_dec[i]).toBe(without.W_dec[i]);
      else if (withAux.W_dec[i] !== without.W_dec[i]) changed++;
    }
    expect(changed).toBeGreaterThan(0);
  });

  it('takes k_aux from d_in, capped at 64', () => {
    const k_aux = (d_in: number) =>
      makeSaeConfig({
        hookPoint: 'blocks.0.hook_resid_post',
        d_in,
        d_sae: 4096,
        k: 32,
        tokens: 1e6,
        batchSize: 1000,
        seed: 0,
        contextSize: 64,
      }).k_aux;
    expect([k_aux(40), k_aux(128), k_aux(768)]).toEqual([20, 64, 64]);
  });

  it('keeps the k_aux largest dead latents only, and counts rows where all of them are silent', () => {
    const { params, x } = randomCase(SHAPE);
    const { a, h } = saeLossReference(params, x, DEAD, SHAPE);
    for (let row = 0; row < SHAPE.rows; row++) {
      const positive = [...DEAD].map((l) => h[row * SHAPE.d_sae + l]!).filter((v) => v > 0);
      const kept = a.subarray(row * SHAPE.d_sae, (row + 1) * SHAPE.d_sae).filter((v) => v > 0);
      expect([...kept].sort()).toEqual(
        positive
          .sort((p, q) => q - p)
          .slice(0, SHAPE.k_aux)
          .sort(),
      );
    }
  });
});
