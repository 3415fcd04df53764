// scale_code.wgsl against its twin: empty slots, rows beyond the chunk, widths that straddle a workgroup.
import { describe, expect } from 'vitest';
import { scaleCodeReference } from '../../../src/core/reference/scaleCode';
import { EMPTY_SLOT } from '../../../src/core/sae/sae';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { CHUNK } from '../../../src/gpu/kernels/chunks';
import { SCALE_CODE_LAYOUT, scaleCode } from '../../../src/gpu/kernels/scaleCode';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { runKernel } from '../../helpers/device/runKernel';

describe('scale_code (7.15)', () => {
  for (const [rows, k, d_sae] of [
    [1, 1, 1],
    [9, 7, 33],
    [13, 5, 70],
  ] as const) {
    gpuTest(`${rows} rows of ${k} slots, ${d_sae} latents`, async (context) => {
      // One row more than the chunk has: it must stay.
      const slots = (rows + 1) * k;
      const latentIndices = Uint32Array.from({ length: slots }, (_, slot) =>
        slot % 4 === 3 ? EMPTY_SLOT : (slot * 17) % d_sae,
      );
      const latentActs = gaussian(slots, 3).map((act, slot) =>
        latentIndices[slot] === EMPTY_SLOT ? 0 : Math.abs(act),
      );
      const actScale = gaussian(d_sae, 4).map((value) => 10 ** value);
      const out = await runKernel(
        context,
        {
          kernel: await scaleCode.prepare(context, { overrides: { k } }),
          layout: SCALE_CODE_LAYOUT,
          inputs: { latentIndices, latentActs, actScale, chunk: packUniform(CHUNK, { rows }) },
        },
        { slots: rows * k },
      );
      const expected = scaleCodeReference({ k, latentIndices, latentActs }, actScale).latentActs;
      const scaled = out.f32('latentActs');
      expect([...scaled.subarray(0, rows * k)]).toEqual([...expected.subarray(0, rows * k)]);
      expect([...scaled.subarray(rows * k)]).toEqual([...latentActs.subarray(rows * k)]);
    });
  }
});
