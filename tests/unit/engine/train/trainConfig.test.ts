// What a form becomes beside its own fields: how much text is read before the first step, and shuffled at once.
import { describe, expect, it } from 'vitest';
import { makeTrainConfigs } from '../../../../src/engine/train/trainConfig';
import { MODEL } from '../../../helpers/engine/engineDouble';
import type { TrainForm } from '../../../../src/engine/train/api';

const form: TrainForm = {
  hookPoint: 'blocks.1.hook_resid_post',
  expansionFactor: 4,
  k: 16,
  tokens: 1_000_000,
  batchSize: 512,
  seed: 0,
};

const blocksOf = (...o: Parameters<typeof makeTrainConfigs>) => {
  const [config] = makeTrainConfigs(...o);
  return config && { first: config.firstBlockRows, ring: config.ringRows };
};

describe('the ring of a run', () => {
  it('begins small where somebody waits, and stays small where the processor reads', () => {
    expect(blocksOf(form, MODEL, 'cpu')).toEqual({ first: 5 * 512, ring: 16 * 512 });
    expect(blocksOf(form, MODEL, 'webgpu')).toEqual({ first: 5 * 512, ring: 245 * 512 });
    expect(blocksOf({ ...form, tokens: 1024 }, MODEL, 'cpu')).toEqual({ first: 1024, ring: 1024 });
  });

  it('is whole from the start where nobody waits, and where b_dec begins at a median', () => {
    expect(blocksOf(form, MODEL, null)).toEqual({ first: 245 * 512, ring: 245 * 512 });
    const advanced = { bDecInit: 'geometricMedian' as const };
    expect(blocksOf({ ...form, advanced }, MODEL, 'cpu')).toEqual({ first: 8192, ring: 8192 });
  });
});
