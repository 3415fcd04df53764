// Exact resume of runs that are killed, on the GPU's kernels. What a kill at any other step or write does is the loop's
// and the archive's, and is tested with the processor's kernels, which take a fraction of the time.
import { describe } from 'vitest';
import { resumeTests } from '../../helpers/train/resumeTests';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';

describe('a killed run on the GPU', () => {
  resumeTests(gpuBackendTest(), { kills: 3, writes: [4] });
});
