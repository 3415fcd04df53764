// Resampling of dead latents (sae.md §2, §11): when it happens, which inputs are drawn, what is reset.
import { describe, expect, it } from 'vitest';
import peer from '../../../fixtures/resampling.json';
import type { ArchitectureInput } from '../../../../src/core/sae/architecture';
import { ConfigError } from '../../../../src/core/errors';
import { isResampling, lastResampling } from '../../../../src/core/sae/resampleFields';
import { drawBadlyRebuilt, resampleLatents } from '../../../../src/core/train/resampling';
import { makeRng } from '../../../../src/core/numeric/rng';
import { learningRate, makeSaeConfig } from '../../../../src/core/sae/sae';
import { initTrainerState, type TrainerState } from '../../../../src/core/train/trainerState';
import '../../../helpers/matchers';

const RUN = {
  hookPoint: 'blocks.0.hook_resid_post' as const,
  d_in: 2,
  d_sae: 3,
  tokens: 1000,
  batchSize: 10,
  seed: 1,
  contextSize: 4,
  ringRows: 10,
};
const make = (own: ArchitectureInput) => makeSaeConfig({ ...RUN, ...own });
const unit = (own: ArchitectureInput = {}) =>
  make({ architecture: 'relu', decoderNorm: 'unit', ...own });

describe('the steps after which latents are resampled', () => {
  const config = unit({ resampleInterval: 20 });

  it('are 20, 40 and 60 % with an interval of a fifth of the run', () => {
    const steps = Array.from({ length: 101 }, (_, step) => step);
    expect(steps.filter((step) => isResampling(config, step, 100))).toEqual([20, 40, 60]);
    expect(steps.filter((step) => isResampling(unit(), step, 100))).toEqual([]);
    expect(isResampling(unit({ resampleInterval: 100 }), 100, 100)).toBe(false);
    expect(lastResampling(config, 39)).toBe(20);
    expect(lastResampling(config, 99)).toBe(60);
  });

  it('warm the learning rate up again', () => {
    expect(config.warmupSteps).toBe(5);
    expect(learningRate(config, 19)).toBe(config.lr);
    expect(learningRate(config, 20)).toBeCloseTo(config.lr / 5, 12);
    expect(learningRate(config, 24)).toBe(config.lr);
    expect(learningRate(unit(), 20)).toBe(config.lr);
  });

  it('are off by default, and on for unit rows only', () => {
    expect(make({ architecture: 'gated' })).toMatchObject({
      resampleInterval: 0,
      resampleCount: 3,
      resampleInputs: 500,
    });
    const refusals: [ArchitectureInput, string][] = [
      [
        { architecture: 'relu', resampleInterval: 20 },
        'resampleInterval must be 0 where decoderNorm is free: 20; choose decoderNorm unit',
      ],
      [
        { architecture: 'gated', resampleInterval: 0.5 },
        'resampleInterval must be a whole number from 0 to 1000000000: 0.5',
      ],
      [
        { architecture: 'gated', resampleCount: 0 },
        'resampleCount must be a whole number from 1 to 1000000: 0',
      ],
      [
        { architecture: 'gated', resampleInputs: 819_201 },
        'resampleInputs must be a whole number from 1 to 819200: 819201',
      ],
      [
        { architecture: 'topk', k: 1, resampleInterval: 20 },
        'resampleInterval is not a field of architecture topk: 20',
      ],
    ];
    for (const [own, message] of refusals) {
      expect(() => make(own)).toThrow(ConfigError);
      expect(() => make(own)).toThrow(message);
    }
  });
});

describe('the inputs', () => {
  it('are drawn by the square of their loss, without replacement', () => {
    const losses = Float64Array.of(1, 2, 3, 0);
    const first = [0, 0, 0, 0];
    const draws = 5_000;
    for (let seed = 0; seed < draws; seed++) {
      const drawn = drawBadlyRebuilt(losses, 2, makeRng(seed));
      expect(drawn).toHaveLength(2);
      expect(drawn[0]).not.toBe(drawn[1]);
      first[drawn[0]!]!++;
    }
    // 1 : 4 : 9; three standard errors are below 0.022.
    expect(Math.abs(first[0]! / draws - 1 / 14)).toBeLessThan(0.022);
    expect(Math.abs(first[1]! / draws - 4 / 14)).toBeLessThan(0.022);
    expect(first[3]).toBe(0);
  });

  it('are as many as have a loss, the same for the same seed', () => {
    const losses = Float64Array.of(0, 5, 0, 0.1);
    expect([...drawBadlyRebuilt(losses, 4, makeRng(7))].sort()).toEqual([1, 3]);
    const many = Float64Array.from({ length: 100 }, (_, i) => 1 + (i % 7));
    expect(drawBadlyRebuilt(many, 10, makeRng(7))).toEqual(drawBadlyRebuilt(many, 10, makeRng(7)));
  });
});

/** Every number of the state other than 0, so that a reset shows. */
function filledState(own: ArchitectureInput): TrainerState {
  const calibration = { tokens: 1, inputScale: 1, mean: new Float32Array(2), variance: 1 };
  const state = initTrainerState(make(own), calibration);
  state.W_enc.set([3, 4, 0, 1, 8, 8]);
  state.W_dec.set([1, 0, 0, 1, 0.6, 0.8]);
  state.b_enc.fill(0.5);
  for (const moments of [...Object.values(state.adam), ...Object.values(state.extra)]) {
    moments.m.fill(0.25);
    moments.v.fill(0.125);
  }
  for (const vector of Object.values(state.extra)) vector.values.fill(0.75);
  state.tokensSinceFired.set([1, 2, 90]);
  return state;
}

/** The fixture's tensors as a trainer's state; b_enc is the gate's bias. */
function peerState(tensors: (typeof peer)['before']): TrainerState {
  const { d_in, d_sae } = peer;
  const own = { architecture: 'gated', d_in, d_sae } as const;
  const calibration = { tokens: 1, inputScale: 1, mean: new Float32Array(d_in), variance: 1 };
  const state = initTrainerState(make(own), calibration);
  for (const [name, { value, m, v }] of Object.entries(tensors)) {
    if (name === 'b_mag' || name === 'r_mag') {
      const extra = state.extra[name]!;
      extra.values.set(value);
      extra.m.set(m);
      extra.v.set(v);
    } else {
      const tensor = (name === 'b_gate' ? 'b_enc' : name) as keyof TrainerState['adam'];
      state[tensor].set(value);
      state.adam[tensor].m.set(m);
      state.adam[tensor].v.set(v);
    }
  }
  return state;
}

describe('against PyTorch', () => {
  it('the reset of a gated SAE and of its Adam is the same', () => {
    const dead = Uint32Array.from(peer.dead);
    const next = resampleLatents(peerState(peer.before), dead, Float32Array.from(peer.drawn));
    const expected = peerState(peer.after);
    const pairs = [
      ...(['W_enc', 'W_dec', 'b_enc', 'b_dec'] as const).flatMap((name) => [
        [name, next[name], expected[name]] as const,
        [`${name} m`, next.adam[name].m, expected.adam[name].m] as const,
        [`${name} v`, next.adam[name].v, expected.adam[name].v] as const,
      ]),
      ...(['b_mag', 'r_mag'] as const).flatMap((name) =>
        (['values', 'm', 'v'] as const).map(
          (part) =>
            [`${name} ${part}`, next.extra[name]![part], expected.extra[name]![part]] as const,
        ),
      ),
    ];
    for (const [name, ours, theirs] of pairs) {
      expect(ours, name).toBeAllclose(theirs, { rtol: 1e-6, atol: 1e-8 });
    }
    expect(next.W_dec).not.toEqual(peerState(peer.before).W_dec);
  });

  it('inputs have its chances to be drawn first', () => {
    const losses = Float64Array.from(peer.losses);
    const first = losses.map(() => 0);
    const draws = 5_000;
    for (let seed = 0; seed < draws; seed++) {
      first[drawBadlyRebuilt(losses, 3, makeRng(seed))[0]!]!++;
    }
    for (const [input, chance] of peer.chance.entries()) {
      const error = Math.sqrt((chance * (1 - chance)) / draws);
      expect(Math.abs(first[input]! / draws - chance), `input ${input}`).toBeLessThan(4 * error);
    }
  });
});

describe('a resampled latent', () => {
  it('reads and writes its input; the encoder at a fifth of the living norm', () => {
    const state = filledState({ architecture: 'relu', decoderNorm: 'unit' });
    const next = resampleLatents(state, Uint32Array.of(2), Float32Array.of(0, 2));
    expect([...next.W_dec]).toEqual([1, 0, 0, 1, 0, 1].map(Math.fround));
    // ā = (5 + 1) / 2
    expect([...next.W_enc]).toEqual([3, 4, 0, 1, 0, 0.6].map(Math.fround));
    expect([...next.b_enc]).toEqual([0.5, 0.5, 0]);
    expect([...next.tokensSinceFired]).toEqual([1, 2, 0]);
    expect(next.b_dec).toEqual(state.b_dec);
  });

  it.each([
    ['relu', { architecture: 'relu', decoderNorm: 'unit' }],
    ['gated', { architecture: 'gated' }],
  ] as const)('has zero moments, and nobody else: %s', (_, own) => {
    const before = filledState(own);
    const untouched = structuredClone(before);
    const next = resampleLatents(before, Uint32Array.of(1), Float32Array.of(3, 4));
    expect(before).toEqual(untouched);
    const { W_enc, W_dec, b_enc, b_dec } = next.adam;
    for (const { m, v } of [W_enc, W_dec]) {
      expect([...m]).toEqual([0.25, 0.25, 0, 0, 0.25, 0.25]);
      expect([...v]).toEqual([0.125, 0.125, 0, 0, 0.125, 0.125]);
    }
    for (const { m, v } of [b_enc, ...Object.values(next.extra)]) {
      expect([...m]).toEqual([0.25, 0, 0.25]);
      expect([...v]).toEqual([0.125, 0, 0.125]);
    }
    for (const { values } of Object.values(next.extra))
      expect([...values]).toEqual([0.75, 0, 0.75]);
    expect(b_dec).toEqual(before.adam.b_dec);
  });

  it('begins its averages anew, where the run keeps some', () => {
    const state = filledState({ architecture: 'gated' });
    state.step = 3;
    const filled = { W_enc: 6, W_dec: 6, b_enc: 3, b_mag: 3, r_mag: 3, b_dec: 2 };
    for (const [name, length] of Object.entries(filled)) {
      state.averages[name as 'W_enc'] = new Float32Array(length).fill(9);
    }
    const next = resampleLatents(state, Uint32Array.of(1), Float32Array.of(0, 4), 0.5);
    // 1 − 0.5³
    expect([...next.averages.W_dec!]).toEqual([9, 9, 0, 0.875, 9, 9]);
    expect([...next.averages.b_mag!]).toEqual([9, 0, 9]);
    expect([...next.averages.b_dec!]).toEqual([9, 9]);
  });

  it('stays as it was without an input, or with a zero one', () => {
    const state = filledState({ architecture: 'gated' });
    const dead = Uint32Array.of(0, 2);
    expect(resampleLatents(state, dead, new Float32Array(0))).toEqual(state);
    const next = resampleLatents(state, dead, Float32Array.of(0, 0));
    expect(next).toEqual(state);
  });

  it('takes the norm of all rows where none lives', () => {
    const state = filledState({ architecture: 'gated' });
    const inputs = Float32Array.of(1, 0, 1, 0, 1, 0);
    const next = resampleLatents(state, Uint32Array.of(0, 1, 2), inputs);
    expect(next.W_enc[0]).toBeCloseTo((0.2 * (5 + 1 + Math.hypot(8, 8))) / 3, 6);
  });
});
