// Sizes and presets of a training form, against the numbers of the interface reference.
import { describe, expect, it } from 'vitest';
import type { SaeConfig } from '../../../../src/core/sae/sae';
import { FIRST_TRAIN_FORM } from '../../../../src/store/train/trainState';
import {
  formMemory,
  lengthFields,
  runSeconds,
  saeOfRun,
} from '../../../../src/store/train/trainingPlan';
import { DEMO_SAE, runOf } from '../../../helpers/engine/engineDouble';

describe('formMemory', () => {
  it('agrees with the worked example: d 768, n 16,384 needs 302 MB of state', () => {
    const form = { ...FIRST_TRAIN_FORM, expansionFactor: 16_384 / 768, batchSize: 4096 };
    const bytes = formMemory({ n_embd: 768, n_layer: 12 }, form).map((part) => part.bytes);
    expect(bytes).toEqual([24 * 768 * 16_384, 2 * 768 * 131_072, 128 * 2 ** 20, 12 * 4096 * 768]);
    expect(bytes[0]).toBe(301_989_888);
  });

  it('counts small pre-activations and a small ring as they are', () => {
    const form = { ...FIRST_TRAIN_FORM, expansionFactor: 4, batchSize: 64 };
    const bytes = formMemory({ n_embd: 256, n_layer: 4 }, form, 1024).map((part) => part.bytes);
    expect(bytes.slice(1, 3)).toEqual([2 * 256 * 1024, 4 * 64 * 1024]);
  });

  it('counts the two rings of a transcoder, and everything once for each block', () => {
    const form = { ...FIRST_TRAIN_FORM, architecture: 'transcoder' as const, batchSize: 64 };
    const model = { n_embd: 256, n_layer: 4 };
    const one = formMemory(model, form, 1024).map((part) => part.bytes);
    expect(one[1]).toBe(4 * 256 * 1024);
    const every = formMemory(model, { ...form, everyLayer: true }, 1024);
    expect(every.map((part) => part.bytes)).toEqual(one.map((bytes) => 4 * bytes));
  });
});

describe('how long a run is', () => {
  const speed = {
    captureTokensPerSecond: 5000,
    stepSeconds: 0.1,
    runsOn: 'cpu' as const,
    profile: { why: '' },
  };

  it('is in one minute as many tokens as were measured to fit, in round numbers', () => {
    // 512 tokens are read in 0.1024 s and make a step of 0.1 s: 111,304 tokens in 44 s.
    expect(lengthFields('One minute', speed, 1)).toEqual({ tokens: 110_000, batchSize: 512 });
    // 101,186 in the 40 s that are left, and never less than half of it.
    expect(lengthFields('One minute', speed, 1, 10).tokens).toBe(86_000);
    expect(lengthFields('One minute', speed, 1, 300).tokens).toBe(63_000);
    const slow = { ...speed, captureTokensPerSecond: 50 };
    expect(lengthFields('One minute', slow, 1).tokens).toBe(20 * 512);
    expect(lengthFields('One minute', null, 1).tokens).toBe(100_000);
    expect(lengthFields('Quick', speed, 1)).toEqual({ tokens: 1_000_000, batchSize: 1024 });
  });

  it('is told in seconds from reading and steps', () => {
    const config = { tokens: 51_200, batchSize: 512 } as SaeConfig;
    expect(runSeconds(config, speed, 1)).toBeCloseTo(10.24 + 10);
    expect(runSeconds(config, { ...speed, captureTokensPerSecond: null }, 1)).toBeCloseTo(10);
    // Runs that share each pass are read once and step one after the other.
    expect(runSeconds(config, speed, 4)).toBeCloseTo(10.24 + 4 * 10);
  });
});

describe('saeOfRun', () => {
  const run = runOf(FIRST_TRAIN_FORM);
  const trained = { ...DEMO_SAE, origin: 'trained' as const, d_sae: 1024, k: 16 };

  it('takes the SAE named after the run, not one of a run whose name only begins alike', () => {
    const ten = { ...trained, saeId: 'b', name: 'l1-topk16-1024-run-10' };
    const one = { ...trained, saeId: 'a', name: 'l1-topk16-1024-run-1' };
    expect(saeOfRun(run, [ten, one])?.saeId).toBe('a');
  });

  it('has none for a run without', () => {
    expect(saeOfRun(run, [DEMO_SAE])).toBeNull();
  });
});
