// Whole steps of the processor's trainer.
import { describe } from 'vitest';
import { cpuBackendTest } from '../../../helpers/sae/saeBackends';
import { denseRunTests, denseStepTests } from '../../../helpers/train/denseTrainerTests';
import { levelsRunTests, levelsStepTests } from '../../../helpers/train/levelsTrainerTests';
import {
  topkRunTests,
  topkStepTests,
  transcoderRunTests,
  transcoderStepTests,
} from '../../../helpers/train/topkTrainerTests';

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
