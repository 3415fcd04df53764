// Whole steps of the processor's trainer.
import { describe } from 'vitest';
import { cpuBackendTest } from '../../../helpers/saeBackends';
import { denseRunTests, denseStepTests } from '../../../helpers/denseTrainerTests';
import { levelsRunTests, levelsStepTests } from '../../../helpers/levelsTrainerTests';
import {
  topkRunTests,
  topkStepTests,
  transcoderRunTests,
  transcoderStepTests,
} from '../../../helpers/topkTrainerTests';

describe('TopK on the processor', () => {
  topkStepTests(cpuBackendTest);
  topkRunTests(cpuBackendTest);
});

describe('a transcoder on the processor', () => {
  transcoderStepTests(cpuBackendTest);
  transcoderRunTests(cpuBackendTest);
});

describe('BatchTopK and Matryoshka on the processor', () => {
  levelsStepTests(cpuBackendTest);
  levelsRunTests(cpuBackendTest);
});

describe('ReLU-L1, Gated and JumpReLU on the processor', () => {
  denseStepTests(cpuBackendTest);
  denseRunTests(cpuBackendTest);
});
