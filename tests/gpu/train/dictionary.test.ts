// The quality gate with the GPU's kernels, at the reference's length. Left to `npm run test:long`: 100 s a seed on software
// shaders. Step by step they are held to the same twins as the processor's, which pass the gate in `npm test`.
import { describe } from 'vitest';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';
import { DICTIONARY_STEPS } from '../../helpers/train/dictionary';
import { dictionaryTests } from '../../helpers/train/dictionaryTests';

describe('the ground-truth dictionary on the GPU', () => {
  dictionaryTests(gpuBackendTest({ isLong: true }), { steps: DICTIONARY_STEPS });
});
