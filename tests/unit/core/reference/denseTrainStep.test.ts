// The float64 step of ReLU-L1, Gated and JumpReLU against PyTorch autograd (fixture) and finite
// differences; each trap of sae.md §11 that concerns them.
import { describe, expect, it } from 'vitest';
import type { JumpReluMode } from '../../../../src/core/sae/architecture';
import {
  LATENT_VECTORS,
  type DenseConfig,
  type DenseLoss,
} from '../../../../src/core/train/denseLoss';
import { denseGradientsReference } from '../../../../src/core/reference/denseGradients';
import {
  denseLossReference,
  rowNorms,
  vectorOf,
  type DenseShape,
} from '../../../../src/core/reference/denseLoss';
import type { Params64 } from '../../../../src/core/reference/saeLoss';
import {
  saeTrainStepReference,
  toTrainerState64,
} from '../../../../src/core/reference/saeTrainStep';
import { makeRng } from '../../../../src/core/numeric/rng';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { initTrainerState } from '../../../../src/core/train/trainerState';
import { readDenseStepFixture } from '../../../helpers/train/denseStepFixture';
import '../../../helpers/matchers';
import { rowsOfStep } from '../../../helpers/train/trainRing';

const JUMP = {
  kind: 'jumprelu',
  penalty: 0.7,
  bandwidth: 0.6,
  tanhScale: 1.5,
  targetL0: 2,
  preActPenalty: 0.3,
} as const;
const LOSSES: { name: string; loss: DenseLoss }[] = [
  { name: 'relu', loss: { kind: 'relu', penalty: 0.7 } },
  { name: 'gated', loss: { kind: 'gated', penalty: 0.7 } },
  { name: 'jumprelu, tanh', loss: { ...JUMP, mode: 'tanh' } },
  { name: 'jumprelu, quadratic', loss: { ...JUMP, mode: 'quadratic' } },
  { name: 'jumprelu, step', loss: { ...JUMP, mode: 'step' } },
];
const DEAD = Uint32Array.of(0, 3, 6, 9, 12);

function entriesOf(params: Params64): [keyof Params64, Float64Array][] {
  return Object.entries(params) as [keyof Params64, Float64Array][];
}

function randomCase(loss: DenseLoss, applyBDecToInput = true) {
  const shape: DenseShape = { d_in: 6, d_sae: 14, rows: 9, applyBDecToInput, loss };
  const rng = makeRng(3);
  const values = (length: number, scale: number) =>
    Float64Array.from({ length }, () => scale * rng.normal());
  const { d_in, d_sae, rows } = shape;
  const params: Params64 = {
    W_enc: values(d_sae * d_in, 0.5),
    W_dec: values(d_sae * d_in, 0.5),
    b_dec: values(d_in, 0.5),
    b_enc: values(d_sae, 0.2),
    ...Object.fromEntries(
      LATENT_VECTORS[loss.kind].slice(1).map((name) => [name, values(d_sae, 0.2)]),
    ),
  };
  if (params.threshold)
    params.threshold = params.threshold.map((t, i) => (i === 1 ? -0.3 : Math.abs(t)));
  return { shape, params, x: values(rows * d_in, 1) };
}

describe('gradients of the dense losses', () => {
  const cases = LOSSES.flatMap((c) => [true, false].map((centred) => ({ ...c, centred })));
  it.each(cases)('equal finite differences: $name, centred $centred', ({ loss, centred }) => {
    const { shape, params, x } = randomCase(loss, centred);
    const trace = denseLossReference(params, x, DEAD, shape);
    const gradients = denseGradientsReference(params, trace, DEAD, shape);
    const step = 1e-6;
    for (const [name, values] of entriesOf(params)) {
      // θ moves the loss in jumps: its gradient is a straight-through estimate, checked further below.
      if (name === 'threshold') continue;
      const largest = Math.max(...gradients[name]!.map(Math.abs));
      expect(largest, name).toBeGreaterThan(1e-3);
      for (let i = 0; i < values.length; i++) {
        const lossAt = (delta: number) => {
          const moved = { ...params, [name]: values.slice() };
          moved[name]![i]! += delta;
          // Gated's auxiliary decoder stays where it was.
          return denseLossReference(moved, x, DEAD, shape, params).loss;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        expect(Math.abs(gradients[name]![i]! - slope), `${name}[${i}]`).toBeLessThan(
          1e-6 * largest,
        );
      }
    }
  });
});

describe.each(readDenseStepFixture())('ten steps of PyTorch autograd: $name', (run) => {
  it('are those of the float64 step: losses, first gradients, parameters, moments', () => {
    let state = run.state64;
    for (const expected of run.steps) {
      const { step } = expected;
      const { config, calibration } = run;
      const done = saeTrainStepReference(state, rowsOfStep(run, step), config, calibration);
      for (const name of ['mse', 'sparsityLoss', 'auxLoss', 'l0'] as const) {
        expect([done.metrics[name]], `${name}, step ${step}`).toBeAllclose([expected[name]], CLOSE);
      }
      expect(done.metrics.deadCount).toBe(expected.deadCount);
      if (step === 0) expectParams(done.gradients, run.firstGradients);
      state = done.state;
    }
    expectParams(state.params, run.end);
    expectParams(state.m, run.m);
    expectParams(state.v, run.v);
    expect([...state.tokensSinceFired]).toEqual(run.tokensSinceFired);
  });
});

const CLOSE = { rtol: 1e-9, atol: 1e-9 };
/** The fixture holds eight digits. */
function expectParams(actual: Params64, expected: Params64) {
  for (const [name, values] of entriesOf(actual)) {
    expect(values, name).toBeAllclose(expected[name]!, { rtol: 1e-6, atol: 1e-8 });
  }
}

type Own = Partial<DenseConfig> & Pick<DenseConfig, 'architecture'>;
const UNIT: Own[] = [
  { architecture: 'relu', decoderNorm: 'unit' },
  { architecture: 'gated' },
  { architecture: 'jumprelu', mode: 'quadratic' },
  { architecture: 'jumprelu', mode: 'step' },
];

/** The first step of a run on random x of the given size. */
function firstStep(own: Own, scale = 1) {
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    d_in: 6,
    d_sae: 14,
    tokens: 90,
    batchSize: 9,
    seed: 5,
    contextSize: 4,
    ringRows: 9,
    ...own,
  });
  const calibration = { tokens: 1, inputScale: 1, mean: new Float32Array(6), variance: 1 };
  const before = toTrainerState64(initTrainerState(config, calibration));
  const rng = makeRng(2);
  const x = Array.from({ length: 9 * 6 }, () => scale * rng.normal());
  const done = saeTrainStepReference(before, x, config, calibration);
  return { before: before.params, done, rows: config.d_sae, d_in: config.d_in };
}

function normOf(gradients: Params64): number {
  return Math.hypot(...entriesOf(gradients).flatMap(([, values]) => [...values]));
}

describe('the optimiser', () => {
  it.each(UNIT)('unit norm: rows stay at 1, the gradient at right angles: %o', (own) => {
    const { before, done, rows, d_in } = firstStep(own);
    for (let latent = 0; latent < rows; latent++) {
      const row = (values: Float64Array) => values.subarray(latent * d_in, (latent + 1) * d_in);
      expect(Math.hypot(...row(done.state.params.W_dec))).toBeCloseTo(1, 12);
      const along = row(done.gradients.W_dec).reduce(
        (sum, g, i) => sum + g * row(before.W_dec)[i]!,
        0,
      );
      expect(Math.abs(along)).toBeLessThan(1e-7);
    }
    expect(Math.max(...done.gradients.W_dec)).toBeGreaterThan(1e-3);
  });

  it('free norm: rows start at 0.1 and the penalty alone makes them shrink', () => {
    const { done, d_in } = firstStep({ architecture: 'relu', l1Coefficient: 1e6 });
    const norms = rowNorms(done.state.params.W_dec, d_in);
    expect(norms.every((n) => n < 0.1 + 1e-6)).toBe(true);
    expect(norms.some((n) => n < 0.1 - 1e-6)).toBe(true);
  });

  it('clips by the global norm after projection: above 1 it becomes 1, below it stays', () => {
    const loud = firstStep({ architecture: 'gated' }, 10).done;
    expect(normOf(loud.gradients)).toBeCloseTo(1, 5);
    const free = firstStep({ architecture: 'gated', clipNorm: 0 }, 10).done;
    expect(normOf(free.gradients)).toBeGreaterThan(1);
    const quiet = { architecture: 'gated', l1Coefficient: 1e-3 } as const;
    const small = firstStep(quiet, 1e-2).done;
    expect(normOf(small.gradients)).toBeLessThan(1);
    const unclipped = firstStep({ ...quiet, clipNorm: 0 }, 1e-2).done;
    expect(small.gradients).toEqual(unclipped.gradients);
  });
});

describe('Gated', () => {
  it('gives its auxiliary decoder no gradient: W_dec and b_dec hear of the main loss only', () => {
    const { shape, params, x } = randomCase({ kind: 'gated', penalty: 0.7 }, false);
    const trace = denseLossReference(params, x, DEAD, shape);
    const noAux = { ...trace, gateError: trace.gateError.map(() => 0) };
    const withAux = denseGradientsReference(params, trace, DEAD, shape);
    const without = denseGradientsReference(params, noAux, DEAD, shape);
    expect(withAux.W_dec).toEqual(without.W_dec);
    expect(withAux.b_dec).toEqual(without.b_dec);
    expect(withAux.b_enc).not.toEqual(without.b_enc);
  });

  it('frozen b_dec, but not the encoder’s: centred, b_dec hears of the gate through xc', () => {
    const { shape, params, x } = randomCase({ kind: 'gated', penalty: 0.7 }, true);
    const trace = denseLossReference(params, x, DEAD, shape);
    const noAux = { ...trace, gateError: trace.gateError.map(() => 0) };
    const withAux = denseGradientsReference(params, trace, DEAD, shape);
    const without = denseGradientsReference(params, noAux, DEAD, shape);
    expect(withAux.b_dec).not.toEqual(without.b_dec);
  });
});

/** One token, one latent, h = `h`, W_dec = 1, x̂ short of x by `e`: everything by hand. */
function scalarJump(o: { mode: JumpReluMode; h: number; theta: number; dead?: boolean }) {
  const loss: DenseLoss = {
    kind: 'jumprelu',
    mode: o.mode,
    penalty: 0.5,
    bandwidth: 0.4,
    tanhScale: 2,
    targetL0: 4,
    preActPenalty: 0.25,
  };
  const shape: DenseShape = { d_in: 1, d_sae: 1, rows: 1, applyBDecToInput: false, loss };
  const params: Params64 = {
    W_enc: Float64Array.of(1),
    W_dec: Float64Array.of(1),
    b_dec: Float64Array.of(0),
    b_enc: Float64Array.of(0),
    threshold: Float64Array.of(o.theta),
  };
  const dead = o.dead === true ? Uint32Array.of(0) : new Uint32Array(0);
  const trace = denseLossReference(params, [o.h], dead, shape);
  const g = denseGradientsReference(params, trace, dead, shape);
  return { trace, theta: vectorOf(g, 'threshold')[0]!, b_enc: g.b_enc[0]! };
}

describe('JumpReLU', () => {
  it('the window lies on h: just below θ it is open, though f is 0 there', () => {
    const { trace, theta } = scalarJump({ mode: 'step', h: 0.85, theta: 1 });
    // e = x = 0.85, ∂mse/∂f = −1.7; −(T/ε)·(−1.7) − λ/ε
    expect(trace.f[0]).toBe(0);
    expect(theta).toBeCloseTo((1 * 1.7 - 0.5) / 0.4, 12);
  });

  it('outside the window θ gets nothing', () => {
    expect(scalarJump({ mode: 'step', h: 0.79, theta: 1 }).theta).toBe(0);
    expect(scalarJump({ mode: 'step', h: 1.21, theta: 1 }).theta).toBe(0);
  });

  it('no gradient where θ ≤ 0, and the threshold is 0 there', () => {
    const { trace, theta } = scalarJump({ mode: 'step', h: 0.1, theta: -0.05 });
    expect(trace.f[0]).toBe(0.1);
    expect(theta).toBe(0);
  });

  it('quadratic: below the target θ falls, above it rises', () => {
    const slope = scalarJump({ mode: 'quadratic', h: 1.1, theta: 1 });
    // e = 0: only the penalty speaks. L0 1, L0* 4.
    expect(slope.theta).toBeCloseTo((-1 / 0.4) * 0.5 * 2 * (1 / 4 - 1) * (1 / 4), 12);
    expect(slope.b_enc).toBe(0);
  });

  it('tanh reaches b_enc and θ', () => {
    const { theta, b_enc } = scalarJump({ mode: 'tanh', h: 1.1, theta: 1 });
    const slope = (0.5 * 2) / Math.cosh(2 * 1.1) ** 2;
    expect(b_enc).toBeCloseTo(slope, 12);
    expect(theta).toBeCloseTo((-1 / 0.4) * slope, 12);
  });

  it('θ is raw: the activation compares h with θ, not with e^θ', () => {
    expect(scalarJump({ mode: 'step', h: 0.6, theta: 0.5 }).trace.f[0]).toBe(0.6);
    expect(scalarJump({ mode: 'step', h: 0.4, theta: 0.5 }).trace.f[0]).toBe(0);
  });

  it('the pre-activation loss lifts dead latents and lowers their θ, and leaves live ones alone', () => {
    const dead = scalarJump({ mode: 'step', h: -2, theta: 1, dead: true });
    expect(dead.trace.auxLoss).toBeCloseTo(0.25 * 3, 12);
    expect(dead.b_enc).toBe(-0.25);
    expect(dead.theta).toBe(0.25);
    const alive = scalarJump({ mode: 'step', h: -2, theta: 1 });
    expect([alive.trace.auxLoss, alive.b_enc, alive.theta]).toEqual([0, 0, 0]);
  });
});
