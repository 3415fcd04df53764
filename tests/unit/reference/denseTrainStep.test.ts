// The float64 step of ReLU-L1, Gated and JumpReLU against PyTorch autograd (fixture) and finite
// differences; each trap of sae.md §11 that concerns them.
import { describe, expect, it } from 'vitest';
import { LATENT_VECTORS, type DenseLoss } from '../../../src/core/denseLoss';
import { denseGradientsReference } from '../../../src/core/reference/denseGradients';
import {
  denseLossReference,
  rowNorms,
  vectorOf,
  type DenseParams64,
  type DenseShape,
} from '../../../src/core/reference/denseLoss';
import {
  denseTrainStepReference,
  entriesOf,
  type DenseOptimiser,
} from '../../../src/core/reference/denseTrainStep';
import { makeRng } from '../../../src/core/rng';
import { readDenseStepFixture } from '../../helpers/denseStepFixture';
import '../../helpers/matchers';

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
const DEAD = Array.from({ length: 14 }, (_, latent) => latent % 3 === 0);

function randomCase(loss: DenseLoss, applyBDecToInput = true) {
  const shape: DenseShape = { d_in: 6, d_sae: 14, rows: 9, applyBDecToInput, loss };
  const rng = makeRng(3);
  const values = (length: number, scale: number) =>
    Float64Array.from({ length }, () => scale * rng.normal());
  const { d_in, d_sae, rows } = shape;
  const params: DenseParams64 = {
    W_enc: values(d_sae * d_in, 0.5),
    W_dec: values(d_sae * d_in, 0.5),
    b_dec: values(d_in, 0.5),
    ...Object.fromEntries(LATENT_VECTORS[loss.kind].map((name) => [name, values(d_sae, 0.2)])),
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

describe.each(readDenseStepFixture())('ten steps of PyTorch autograd: $case.name', (run) => {
  it('are those of the float64 step: losses, first gradients, parameters, moments', () => {
    let state = run.state;
    for (const expected of run.steps) {
      const { step } = expected;
      const o = run.optimiser(step);
      const done = denseTrainStepReference(state, run.batch(step), run.shape(step), o);
      for (const name of ['mse', 'sparsityLoss', 'auxLoss', 'l0'] as const) {
        expect([done.trace[name]], `${name}, step ${step}`).toBeAllclose([expected[name]], CLOSE);
      }
      expect([done.gradientNorm]).toBeAllclose([expected.gradientNorm], CLOSE);
      if (step === 0) expectParams(done.gradients, run.firstGradients);
      state = done.state;
      const dead = state.tokensSinceFired.filter((since) => since >= o.deadAfterTokens);
      expect(dead.length).toBe(expected.deadCount);
    }
    expectParams(state.params, run.end);
    expectParams(state.m, run.m);
    expectParams(state.v, run.v);
    expect([...state.tokensSinceFired]).toEqual(run.end.tokensSinceFired);
  });
});

const CLOSE = { rtol: 1e-9, atol: 1e-9 };
/** The fixture holds eight digits. */
function expectParams(actual: DenseParams64, expected: Record<keyof DenseParams64, number[]>) {
  for (const [name, values] of entriesOf(actual)) {
    expect(values, name).toBeAllclose(expected[name], { rtol: 1e-6, atol: 1e-8 });
  }
}

const OPTIMISER: DenseOptimiser = {
  decoderNorm: 'unit',
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  deadAfterTokens: 1000,
  clipNorm: 1,
};

/** `scale`: of the input and the biases. */
function oneStep(loss: DenseLoss, o: Partial<DenseOptimiser> = {}, scale = 1) {
  const { shape, params, x } = randomCase(loss);
  const scaled = (values: Float64Array) => values.map((value) => value * scale);
  const norms = rowNorms(params.W_dec, shape.d_in);
  const W_dec = params.W_dec.map((w, at) => w / norms[Math.floor(at / shape.d_in)]!);
  const before: DenseParams64 = { ...params, W_dec, b_dec: scaled(params.b_dec) };
  if (before.b_enc) before.b_enc = scaled(before.b_enc);
  const zeros = () =>
    Object.fromEntries(
      entriesOf(before).map(([name, values]) => [name, values.map(() => 0)]),
    ) as DenseParams64;
  const state = {
    step: 0,
    params: before,
    m: zeros(),
    v: zeros(),
    tokensSinceFired: new Uint32Array(shape.d_sae),
  };
  return {
    before,
    shape,
    done: denseTrainStepReference(state, scaled(x), shape, { ...OPTIMISER, ...o }),
  };
}

describe('the optimiser', () => {
  it.each(LOSSES)('unit norm: rows stay at 1, the gradient at right angles ($name)', ({ loss }) => {
    const { before, shape, done } = oneStep(loss);
    const { d_in, d_sae } = shape;
    for (let latent = 0; latent < d_sae; latent++) {
      const row = (values: Float64Array) => values.subarray(latent * d_in, (latent + 1) * d_in);
      expect(Math.hypot(...row(done.state.params.W_dec))).toBeCloseTo(1, 12);
      const w = row(before.W_dec);
      const along = row(done.gradients.W_dec).reduce((sum, g, i) => sum + g * w[i]!, 0);
      expect(Math.abs(along)).toBeLessThan(1e-12);
    }
  });

  it('free norm: rows grow and shrink, and the penalty alone makes them shrink', () => {
    const { shape, done } = oneStep({ kind: 'relu', penalty: 1e6 }, { decoderNorm: 'free' });
    const norms = rowNorms(done.state.params.W_dec, shape.d_in);
    expect(norms.some((n) => Math.abs(n - 1) > 1e-3)).toBe(true);
    expect(norms.every((n) => n < 1 + 1e-9)).toBe(true);
  });

  it('clips by the global norm after projection: above 1 it becomes 1, below it stays', () => {
    const normOf = (g: DenseParams64) =>
      Math.sqrt(entriesOf(g).reduce((sum, [, v]) => sum + v.reduce((s, q) => s + q * q, 0), 0));
    const loud = oneStep({ kind: 'relu', penalty: 0.7 }, {}, 10).done;
    expect(loud.gradientNorm).toBeGreaterThan(1);
    expect(normOf(loud.gradients)).toBeCloseTo(1, 5);
    const quiet = oneStep({ kind: 'relu', penalty: 1e-9 }, {}, 1e-3).done;
    expect(quiet.gradientNorm).toBeLessThan(1);
    expect(normOf(quiet.gradients)).toBeCloseTo(quiet.gradientNorm, 12);
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
    expect(withAux.b_gate).not.toEqual(without.b_gate);
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
function scalarJump(o: {
  mode: 'tanh' | 'quadratic' | 'step';
  h: number;
  theta: number;
  dead?: boolean;
}) {
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
  const params: DenseParams64 = {
    W_enc: Float64Array.of(1),
    W_dec: Float64Array.of(1),
    b_dec: Float64Array.of(0),
    b_enc: Float64Array.of(0),
    threshold: Float64Array.of(o.theta),
  };
  const dead = [o.dead === true];
  const trace = denseLossReference(params, [o.h], dead, shape);
  const g = denseGradientsReference(params, trace, dead, shape);
  return { trace, theta: vectorOf(g, 'threshold')[0]!, b_enc: vectorOf(g, 'b_enc')[0]! };
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
