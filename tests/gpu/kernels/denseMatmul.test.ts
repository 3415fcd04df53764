// dense_matmul and dense_matmul_registers against their twin: A·B and Aᵀ·B at awkward sizes, written and
// added.
import { describe, expect, test } from 'vitest';
import { matmulReference, type MatmulCase } from '../../../src/core/reference/denseMatmul';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { MATMUL_DIMS, prepareMatmul } from '../../../src/gpu/kernels/denseMatmul';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';

/** m, k, columns: below, at and past the tile of 64 and the slice of 16; k no multiple of 4. */
const SHAPES = [
  [1, 1, 1],
  [33, 130, 48],
  [64, 64, 64],
  [65, 17, 30],
  [130, 33, 67],
] as const;

const stride4 = (cols: number) => Math.ceil(cols / 4) * 4;

async function onGpu(context: GpuContext, c: MatmulCase, before: Float32Array | undefined) {
  const { m, k, columns, transposeA } = c;
  const aCols = transposeA ? m : k;
  const [aStride, bStride] = [stride4(aCols), stride4(columns)];
  const dims = packUniform(MATMUL_DIMS, { m, k, accumulate: before === undefined ? 0 : 1 });
  const set = createBufferSet(context, 'test');
  const pad = (data: Float32Array, cols: number, stride: number) => padRows(data, { cols, stride });
  // What was there must not show where it is to be replaced.
  const old = pad(before ?? new Float32Array(m * columns).fill(7), columns, bStride);
  const out = set.storage('out', old);
  const matmul = await prepareMatmul(context, {
    variant: transposeA ? 'tn' : 'nn',
    a4: aStride / 4,
    b4: bStride / 4,
  });
  const bound = matmul.bind({
    A: set.storage('A', pad(Float32Array.from(c.A), aCols, aStride)),
    B: set.storage('B', pad(Float32Array.from(c.B), columns, bStride)),
    out,
    dims: set.uniform('dims', dims),
  });
  submitPass(context, 'matmul', (pass) => {
    bound.encode(pass, { m });
  });
  const padded = await readF32(context, out, m * bStride);
  set.dispose();
  return stripRows(padded, { cols: columns, stride: bStride });
}

test('the twin multiplies, transposes and adds', () => {
  const c = { m: 2, k: 2, columns: 1, A: [1, 2, 3, 4], B: [5, 6] };
  expect([...matmulReference({ ...c, transposeA: false })]).toEqual([17, 39]);
  expect([...matmulReference({ ...c, transposeA: true }, [1, 1])]).toEqual([24, 35]);
});

for (const as of ['software', 'gpu'] as const) {
  for (const transposeA of [false, true]) {
    describe(`${transposeA ? 'TN' : 'NN'}, ${as} variant`, () => {
      // Each shape of a tiled variant takes a software driver seconds to compile.
      for (const [m, k, columns] of as === 'software' ? SHAPES : SHAPES.slice(3)) {
        gpuTest(
          `${m} × ${k} × ${columns}`,
          async (context) => {
            const c = {
              m,
              k,
              columns,
              transposeA,
              A: gaussian(m * k, 1),
              B: gaussian(k * columns, 2),
            };
            const before = gaussian(m * columns, 3);
            const atol = 2e-6 * Math.sqrt(k);
            expect(await onGpu(context, c, undefined)).toBeAllclose(matmulReference(c), { atol });
            const added = matmulReference(c, before);
            expect(await onGpu(context, c, before)).toBeAllclose(added, { atol });
          },
          { as },
        );
      }
    });
  }
}
