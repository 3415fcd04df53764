// The quality gate with the processor's kernels, and the mark that it goes by.
import { describe, expect, test } from 'vitest';
import { cpuBackendTest } from '../../../helpers/sae/saeBackends';
import { DICTIONARY_STEPS, makeDictionary } from '../../../helpers/train/dictionary';
import { dictionaryTests } from '../../../helpers/train/dictionaryTests';
import { meanCorrelation } from '../../../helpers/train/meanCorrelation';

test('MCC of random rows is low, of the true directions in another order 1', () => {
  const { directions, d_in, features } = makeDictionary(1);
  const random = makeDictionary(2).directions;
  const shuffled = Float64Array.from(directions, (_, at) => {
    const row = (Math.floor(at / d_in) + 7) % features;
    return -directions[row * d_in + (at % d_in)]!;
  });
  expect(meanCorrelation(directions, shuffled, d_in).mcc).toBeCloseTo(1, 12);
  expect(meanCorrelation(directions, random, d_in).mcc).toBeLessThan(0.5);
});

describe('the ground-truth dictionary on the processor', () => {
  // A fifth of the reference's steps meets the same gate; the whole length is trained by `npm run test:long`.
  dictionaryTests(cpuBackendTest, { steps: DICTIONARY_STEPS / 5 });
});
