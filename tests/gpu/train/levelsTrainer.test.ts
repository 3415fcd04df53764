// Whole BatchTopK and Matryoshka steps of the WGSL trainer: what every trainer must do, and in chunks.
import { describe } from 'vitest';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gpuTest } from '../../helpers/device/gpuTest';
import {
  expectOneStep,
  levelsRunTests,
  levelsStepTests,
  makeRun,
} from '../../helpers/train/levelsTrainerTests';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';

describe.each(['software', 'gpu'] as const)('the WGSL trainer, %s variants', (as) => {
  const declare = gpuBackendTest({ as });
  // A software driver compiles the variants with many barriers slowly, anew for every shape: there the other shapes are
  // left to `npm run test:long`.
  const declareRest = gpuBackendTest({ as, isLong: as === 'gpu' });
  levelsStepTests(declare, declareRest);

  for (const widths of as === 'software' ? [undefined, [20, 130]] : [[20, 130]]) {
    gpuTest(
      `one step in three chunks equals the float64 twin: ${widths === undefined ? 'BatchTopK' : 'Matryoshka'}`,
      async (context) => {
        const o = widths === undefined ? {} : { widths };
        await expectOneStep(
          makeGpuBackend(context),
          makeRun({ rows: 150, d_in: 48, d_sae: 130, k: 5, k_aux: 9 }, o),
          40,
        );
      },
      // 64 rows of 192 pre-activations: room for one chunk's, and little else is larger.
      { as, caps: { storageBindingBytes: widths === undefined ? 78_000 : 90_000 } },
    );

    gpuTest(
      `one step in three shards of latents equals the float64 twin: ${widths === undefined ? 'BatchTopK' : 'Matryoshka'}`,
      async (context) => {
        const o = widths === undefined ? {} : { widths };
        const run = makeRun({ rows: 33, d_in: 48, d_sae: 130, k: 4.3, k_aux: 9 }, o);
        await expectOneStep(makeGpuBackend(context), run, 40);
      },
      // 64 latents of width 48 take 24,576 bytes with their moments.
      { as, isLong: as === 'gpu', caps: { storageBindingBytes: 25_400 } },
    );
  }
});

levelsRunTests(gpuBackendTest());
