// Sizes and presets of a training form, against the numbers of the interface reference.
import { describe, expect, it } from 'vitest';
import { FIRST_TRAIN_FORM } from '../../../../src/store/train/trainState';
import { formMemory, presetOf, saeOfRun } from '../../../../src/store/train/trainingPlan';
import { DEMO_SAE, runOf } from '../../../helpers/engineDouble';

describe('formMemory', () => {
  it('agrees with the worked example: d 768, n 16,384 needs 302 MB of state', () => {
    const form = { ...FIRST_TRAIN_FORM, expansionFactor: 16_384 / 768, batchSize: 4096 };
    const bytes = formMemory(768, form).map((part) => part.bytes);
    expect(bytes).toEqual([24 * 768 * 16_384, 2 * 768 * 131_072, 128 * 2 ** 20, 12 * 4096 * 768]);
    expect(bytes[0]).toBe(301_989_888);
  });

  it('counts small pre-activations and a small ring as they are', () => {
    const form = { ...FIRST_TRAIN_FORM, expansionFactor: 4, batchSize: 64 };
    const bytes = formMemory(256, form, 1024).map((part) => part.bytes);
    expect(bytes.slice(1, 3)).toEqual([2 * 256 * 1024, 4 * 64 * 1024]);
  });
});

describe('presetOf', () => {
  it('knows a preset whatever hook point and seed, and no longer after a change', () => {
    expect(presetOf({ ...FIRST_TRAIN_FORM, seed: 1 })).toBe('Quick');
    expect(presetOf({ ...FIRST_TRAIN_FORM, k: 17 })).toBeNull();
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
