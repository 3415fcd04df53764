// Exact resume of runs that are killed, on the processor.
import { describe } from 'vitest';
import { resumeTests } from '../../../helpers/train/resumeTests';
import { cpuBackendTest } from '../../../helpers/sae/saeBackends';

describe('a killed run on the processor', () => {
  resumeTests(cpuBackendTest, { kills: 20, writes: [0, 1, 2, 3, 4, 5] });
});
