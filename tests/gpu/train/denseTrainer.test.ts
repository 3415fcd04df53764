// Whole steps of the WGSL trainer for ReLU-L1, Gated and JumpReLU: what every trainer must do, and in chunks.
import { describe } from 'vitest';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import {
  denseRunTests,
  denseStepTests,
  expectOneStep,
  JUMP,
  makeRun,
} from '../../helpers/train/denseTrainerTests';
import { gpuTest } from '../../helpers/device/gpuTest';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';
import { trainRing } from '../../helpers/train/trainRing';

describe.each(['software', 'gpu'] as const)('the dense WGSL trainer, %s variants', (as) => {
  const declare = gpuBackendTest({ as });
  // A software driver compiles the variants with many barriers slowly, anew for every shape: there the other shapes are
  // left to `npm run test:long`.
  const declareRest = gpuBackendTest({ as, isLong: as === 'gpu' });
  denseStepTests(declare, declareRest);

  for (const o of [{ architecture: 'relu' }, { architecture: 'gated' }, JUMP] as const) {
    gpuTest(
      `one step in three chunks equals the float64 twin: ${o.architecture}`,
      (context) =>
        expectOneStep(makeRun(o, [150, 48, 130], { batches: 1 }), (run, start) =>
          trainRing(makeGpuBackend(context), run, start, 1),
        ),
      // 64 rows of 192 pre-activations: room for one chunk's.
      { as, caps: { storageBindingBytes: 50_200 } },
    );
  }
});

denseRunTests(gpuBackendTest());
