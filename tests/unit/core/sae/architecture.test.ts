import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  ARCHITECTURES,
  hasUnitDecoder,
  type ArchitectureInput,
} from '../../../../src/core/sae/architecture';
import { stateShape } from '../../../../src/core/sae/stateShape';
import { ConfigError } from '../../../../src/core/errors';
import { keptPerBatch, makeSaeConfig } from '../../../../src/core/sae/sae';
import { StoredConfig } from '../../../../src/core/sae/storedConfig';

const RUN = {
  hookPoint: 'blocks.2.hook_resid_post' as const,
  d_in: 768,
  d_sae: 6144,
  tokens: 1_024_000,
  batchSize: 1024,
  seed: 0,
  contextSize: 256,
};
const make = (own: ArchitectureInput) => makeSaeConfig({ ...RUN, ...own });

describe('defaults of each architecture', () => {
  it('take the published rate for TopK and its like, and a higher one where the steps are few', () => {
    const rate = (tokens: number) => makeSaeConfig({ ...RUN, k: 32, tokens }).lr;
    const published = 2e-4 * Math.sqrt(2 ** 14 / 6144);
    expect(rate(1024 * 100_000)).toBe(published);
    expect(rate(1024 * 2000)).toBe(1e-3);
    expect(rate(1024 * 100)).toBe(8e-3);
  });

  it('let a short run move as far as a long one, each penalty within its bound', () => {
    const rate = (own: ArchitectureInput, steps: number) =>
      makeSaeConfig({ ...RUN, ...own, tokens: steps * RUN.batchSize }).lr;
    expect(rate({ architecture: 'relu' }, 100)).toBe(4e-3);
    expect(rate({ architecture: 'gated' }, 100)).toBe(4e-3);
    expect(rate({ architecture: 'jumprelu' }, 100)).toBe(1e-3);
    expect(rate({ architecture: 'relu' }, 2000)).toBe(1e-3);
    expect(rate({ architecture: 'relu' }, 100_000)).toBe(5e-5);
  });

  it('remember a twentieth of a short run for the threshold', () => {
    const run = { ...RUN, architecture: 'batchtopk', k: 32 } as const;
    const rate = (steps: number) => makeSaeConfig({ ...run, tokens: steps * RUN.batchSize });
    expect(rate(5)).toMatchObject({ thresholdRate: 1 });
    expect(rate(300)).toMatchObject({ thresholdRate: 20 / 300 });
    expect(rate(2000)).toMatchObject({ thresholdRate: 0.01 });
    expect(rate(20_000)).toMatchObject({ thresholdRate: 0.01 });
  });

  it('follow sae.md §2–8', () => {
    expect(make({ architecture: 'batchtopk', k: 32.5 })).toMatchObject({
      k: 32.5,
      thresholdRate: 20 / 1000,
      adamEps: 6.25e-10,
      lr: 2 / 1000,
    });
    expect(make({ architecture: 'matryoshka', k: 32 })).toMatchObject({
      widths: [384, 768, 1536, 3072, 6144],
    });
    expect(make({ architecture: 'relu' })).toMatchObject({
      l1Coefficient: 5,
      l1WarmupSteps: 50,
      decoderNorm: 'free',
      clipNorm: 1,
      lr: 2 / 1000,
      adamBeta1: 0.9,
    });
    expect(make({ architecture: 'gated' })).toMatchObject({
      l1Coefficient: 0.1 * Math.sqrt(768),
      adamBeta1: 0,
      adamEps: 1e-8,
    });
    expect(make({ architecture: 'jumprelu', targetL0: 32 })).toMatchObject({
      mode: 'tanh',
      sparsityCoefficient: 6,
      sparsityWarmupSteps: 1000,
      bandwidth: 2,
      initialThreshold: 0.1,
      applyBDecToInput: false,
    });
    expect(make({ architecture: 'jumprelu', mode: 'quadratic' })).toMatchObject({
      sparsityCoefficient: 768,
      sparsityWarmupSteps: 50,
      bandwidth: 0.5,
    });
  });

  it('carry no field of another architecture', () => {
    expect(make({ architecture: 'relu' })).not.toHaveProperty('k');
    expect(make({ architecture: 'topk', k: 4 })).not.toHaveProperty('clipNorm');
  });

  it('free the decoder norm for ReLU and tanh only', () => {
    const free = (own: ArchitectureInput) => !hasUnitDecoder(make(own));
    expect(free({ architecture: 'relu' })).toBe(true);
    expect(free({ architecture: 'relu', decoderNorm: 'unit' })).toBe(false);
    expect(free({ architecture: 'jumprelu' })).toBe(true);
    expect(free({ architecture: 'jumprelu', mode: 'step' })).toBe(false);
    expect(free({ architecture: 'gated' })).toBe(false);
  });
});

describe('a config is checked at birth', () => {
  it.each<[ArchitectureInput, string, string]>([
    [{ architecture: 'batchtopk', k: 0.0001 }, 'k', 'k must be from 0.0009765625 to 1024: 0.0001'],
    [{ architecture: 'batchtopk' }, 'k', 'k must be from'],
    [
      { architecture: 'batchtopk', k: 3, thresholdRate: 0 },
      'thresholdRate',
      'thresholdRate must be above 0 and at most 1: 0',
    ],
    [
      { architecture: 'matryoshka', k: 3, widths: [64, 32, 6144] },
      'widths',
      'the last of them d_sae 6144: 64, 32, 6144',
    ],
    [{ architecture: 'matryoshka', k: 3, widths: [64, 128] }, 'widths', 'd_sae 6144: 64, 128'],
    [{ architecture: 'relu', l1Coefficient: -1 }, 'l1Coefficient', 'from 0 to 1000000: -1'],
    [
      { architecture: 'gated', clipNorm: NaN },
      'clipNorm',
      'clipNorm must be from 0 to 1000000: NaN',
    ],
    [{ architecture: 'jumprelu', bandwidth: 0 }, 'bandwidth', 'bandwidth must be above 0'],
    [{ architecture: 'jumprelu', targetL0: 7000 }, 'targetL0', 'at most 6144: 7000'],
    [
      { architecture: 'jumprelu', mode: 'sigmoid' as 'tanh' },
      'mode',
      'mode must be tanh, quadratic or step: sigmoid',
    ],
    [{ architecture: 'relu', k: 3 }, 'k', 'k is not a field of architecture relu: 3'],
    [
      { architecture: 'topk', k: 3, widths: [6144] },
      'widths',
      'widths is not a field of architecture topk',
    ],
    [
      { architecture: 'perceptron' as 'topk' },
      'architecture',
      'architecture must be one of topk, batchtopk, matryoshka, relu, gated, jumprelu, transcoder: perceptron',
    ],
    [
      { architecture: 'transcoder', k: 3 },
      'hookPoint',
      'hookPoint of a transcoder must be the input of an MLP (blocks.{layer}.ln2.hook_normalized): blocks.2.hook_resid_post',
    ],
  ])('%j', (own, field, message) => {
    expect(() => make(own)).toThrow(message);
    try {
      make(own);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ConfigError);
      expect((thrown as ConfigError).field).toBe(field);
    }
  });
});

it('keeps ⌊k·B⌋ of a batch', () => {
  expect(keptPerBatch(makeSaeConfig({ ...RUN, architecture: 'batchtopk', k: 2.5 }))).toBe(2560);
  expect(
    keptPerBatch(
      makeSaeConfig({
        ...RUN,
        batchSize: 3,
        tokens: 9,
        ringRows: 3,
        architecture: 'batchtopk',
        k: 0.5,
      }),
    ),
  ).toBe(1);
});

it('reads a config stored before there was a choice', () => {
  const stored: Record<string, unknown> = { ...makeSaeConfig({ ...RUN, k: 32 }) };
  delete stored['architecture'];
  delete stored['bDecInit'];
  delete stored['emaDecay'];
  delete stored['initSeed'];
  expect(v.parse(StoredConfig, stored)).toEqual(makeSaeConfig({ ...RUN, k: 32 }));
});

it('goes on with a run as it packed its text (7.11)', () => {
  const { prependBos, ...earlier } = makeSaeConfig({ ...RUN, k: 32 });
  expect(prependBos).toBe(true);
  expect(v.parse(StoredConfig, earlier)).toEqual({ ...earlier, prependBos: false });
});

it('reads a config stored before dead latents could be resampled', () => {
  const config = makeSaeConfig({ ...RUN, architecture: 'relu' });
  const later = [
    'resampleInterval',
    'resampleCount',
    'resampleInputs',
    'bDecInit',
    'emaDecay',
    'initSeed',
  ];
  const stored = Object.entries(config).filter(([field]) => !later.includes(field));
  expect(v.parse(StoredConfig, Object.fromEntries(stored))).toEqual(config);
});

it('says of every architecture what its state holds beyond the four parameters', () => {
  expect(ARCHITECTURES.map((name) => stateShape(name).running)).toEqual([0, 2, 2, 0, 0, 0, 0]);
});

describe('a transcoder', () => {
  const place = { ...RUN, hookPoint: 'blocks.2.ln2.hook_normalized' as const, k: 32 };

  it('is TopK from the input of an MLP, which b_dec is not taken off', () => {
    const config = makeSaeConfig({ ...place, architecture: 'transcoder' });
    expect(config).toMatchObject({ k: 32, applyBDecToInput: false, auxKScale: 1 / 32 });
    expect(config.lr).toBe(makeSaeConfig({ ...RUN, k: 32 }).lr);
    expect(v.parse(StoredConfig, { ...config })).toEqual(config);
    expect(() =>
      makeSaeConfig({ ...place, architecture: 'transcoder', applyBDecToInput: true }),
    ).toThrow('applyBDecToInput must be false for a transcoder');
  });

  it('is all that reads there', () => {
    expect(() => makeSaeConfig(place)).toThrow('only a transcoder reads the input of an MLP');
  });
});
