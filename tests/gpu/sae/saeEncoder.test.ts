import { describe, expect, vi } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../../src/core/numeric/float16';
import type { Matrix } from '../../../src/core/handles';
import type { SaeParams } from '../../../src/core/sae/sae';
import { createBufferSet } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { createKnownActivations } from '../../../src/gpu/steer/knownActivations';
import { createLatentStream } from '../../../src/gpu/sae/latentStream';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { gaussian, makeSaeParams } from '../../helpers/cases';
import {
  encodeReference,
  encoderTests,
  ruled,
  ruledEncoderTests,
  ruledReference,
} from '../../helpers/sae/encoderTests';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { gpuBackendTest } from '../../helpers/sae/saeBackends';

const SHAPES = [
  { d_in: 16, d_sae: 64, k: 4 },
  { d_in: 5, d_sae: 37, k: 3 },
  { d_in: 48, d_sae: 130, k: 130 },
];

describe.each(['software', 'gpu'] as const)('an encoder in three shards, %s variants', (as) => {
  for (const weights of ['exact', 'compact'] as const) {
    gpuTest(
      `gives the code of one, weights ${weights}`,
      async (context) => {
        const params = makeSaeParams({ seed: 43, d_in: 48, d_sae: 130, k: 5 });
        const data = gaussian(9 * 48, 45);
        const rowIndices = Uint32Array.from(Array(9).keys());
        const encoder = await createSaeEncoder(context, params, { rows: 4, weights });
        const code = await encoder.encode({ where: 'cpu', rows: 9, cols: 48, data }, rowIndices);
        const rounded = weights === 'compact' && context.hasF16;
        const W_enc = rounded ? f16ToF32(f32ToF16(params.W_enc)) : params.W_enc;
        const expected = encodeReference({ ...params, W_enc }, data, rowIndices);
        expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
        expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
        encoder.dispose();
      },
      // 64 latents of width 48 take 12,288 bytes: shards of 64, 64 and 2.
      { as, caps: { storageBindingBytes: 13_000 } },
    );
  }
});

describe.each([true, false])('saeEncoder, applyBDecToInput %s', (applyBDecToInput) => {
  for (const shape of SHAPES) {
    for (const where of ['cpu', 'gpu'] as const) {
      gpuTest(
        `${where} rows, d_in ${shape.d_in}, d_sae ${shape.d_sae}, k ${shape.k}`,
        async (context) => {
          const params = makeSaeParams({ seed: 41, ...shape, applyBDecToInput });
          const data = gaussian(50 * shape.d_in, 44);
          const rowIndices = Uint32Array.from([...Array(50).keys()].filter((row) => row % 7 !== 0));
          const set = createBufferSet(context, 'test');
          const x: Matrix =
            where === 'cpu'
              ? { where, rows: 50, cols: shape.d_in, data }
              : {
                  where,
                  rows: 50,
                  cols: shape.d_in,
                  buffer: bufferHandle(set.storage('x', data)),
                };
          // 42 rows in steps of 16: two whole ones and a shorter one.
          const encoder = await createSaeEncoder(context, params, { rows: 16 });
          const code = await encoder.encode(x, rowIndices);
          const expected = encodeReference(params, data, rowIndices);
          expect(code.k).toBe(shape.k);
          expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
          expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
          encoder.dispose();
          set.dispose();
        },
      );
    }
  }
});

encoderTests(gpuBackendTest());

describe.each(['software', 'gpu'] as const)('where a rule decides, %s variants', (as) => {
  ruledEncoderTests(gpuBackendTest({ as }));
});

/** Watches a device for uploads of W_enc. */
function watchUploads(context: GpuContext) {
  const uploads: GPUBuffer[] = [];
  const createBuffer = context.device.createBuffer.bind(context.device);
  const spy = vi.spyOn(context.device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    if (/W_enc/.test(descriptor.label ?? '')) uploads.push(buffer);
    return buffer;
  });
  return { uploads, restore: () => spy.mockRestore() };
}

async function checkHeldOnce(context: GpuContext, byteLength: number): Promise<void> {
  const params = makeSaeParams({ seed: 41, d_in: 16, d_sae: 64, k: 4, applyBDecToInput: true });
  const { uploads, restore } = watchUploads(context);
  const ready = createBufferSet(context, 'test');
  const explore = await createSaeEncoder(context, params, { rows: 8, weights: 'compact' });
  const stream = await createLatentStream(context, params, 2);
  const wanted = [{ latentIndex: 1, slot: 0 }];
  const steer = await createKnownActivations(context, {
    params,
    maxRows: 2,
    wanted,
    rowIndices: ready.storage('rows', 8),
    acts: ready.storage('acts', 8),
  });
  restore();
  expect(uploads.map(({ size }) => size)).toEqual([byteLength]);
  const destroy = vi.spyOn(uploads[0]!, 'destroy');
  explore.dispose();
  stream.dispose();
  expect(destroy).not.toHaveBeenCalled();
  steer.dispose();
  expect(destroy).toHaveBeenCalledOnce();
  ready.dispose();
}

describe('an SAE that several kernels read live is on the device once, and goes with the last', () => {
  const bytes = 16 * 64 * 4;
  gpuTest('in f16: half the bytes', (context) => checkHeldOnce(context, bytes / 2), {
    needsF16: true,
  });
  gpuTest('in f32 where the adapter lacks f16', (context) =>
    checkHeldOnce({ ...context, hasF16: false }, bytes),
  );
});

gpuTest(
  'what reads exact weights shares none with what reads them compact, unless f16 is lacking',
  async (context) => {
    for (const [hasF16, sizes] of [
      [true, [512, 1024]],
      [false, [1024]],
    ] as const) {
      const params = makeSaeParams({ seed: 41, d_in: 8, d_sae: 32, k: 4 });
      const { uploads, restore } = watchUploads(context);
      const device = { ...context, hasF16 };
      const live = await createSaeEncoder(device, params, { weights: 'compact' });
      const evaluation = await createSaeEncoder(device, params);
      restore();
      expect(uploads.map(({ size }) => size)).toEqual(sizes);
      live.dispose();
      evaluation.dispose();
    }
  },
  { needsF16: true },
);

describe('compact weights', () => {
  for (const kind of ['topk', 'relu'] as const) {
    gpuTest(
      `${kind}: the code of weights rounded to f16, to f32's own precision`,
      async (context) => {
        const shape = { seed: 41, d_in: 16, d_sae: 64, k: 4 };
        const params = kind === 'topk' ? makeSaeParams(shape) : ruled(kind, 130);
        const W_enc = f16ToF32(f32ToF16(params.W_enc));
        const rounded: SaeParams = { ...params, W_enc };
        const x = gaussian(40 * params.d_in, 44);
        const rows = Uint32Array.from({ length: 40 }, (_, i) => i);
        const encoder = await createSaeEncoder(context, params, { weights: 'compact' });
        const code = await encoder.encode(
          { where: 'cpu', rows: 40, cols: params.d_in, data: x },
          rows,
        );
        const twin = (p: SaeParams) =>
          p.architecture === 'topk' ? encodeReference(p, x, rows) : ruledReference(p, x, rows);
        const expected = twin(rounded);
        expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
        expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
        // The unrounded twin is told apart, or nothing was rounded.
        const apart = code.latentActs.map((act, i) => Math.abs(act - twin(params).latentActs[i]!));
        expect(Math.max(...apart)).toBeGreaterThan(1e-4);
        encoder.dispose();
      },
      { needsF16: true },
    );
  }

  for (const [name, scale] of [
    ['too large', 1e5],
    ['too small', 1e-6],
  ] as const) {
    gpuTest(
      `weights ${name} for f16 stay f32`,
      async (context) => {
        const shape = { seed: 41, d_in: 16, d_sae: 64, k: 4 };
        const made = makeSaeParams({ ...shape, applyBDecToInput: false });
        const params = { ...made, W_enc: made.W_enc.map((weight) => scale * weight) };
        const encoder = await createSaeEncoder(context, params, { weights: 'compact' });
        // The activations are those of any SAE.
        const x = gaussian(16, 44, 1 / scale);
        const rows = Uint32Array.of(0);
        const code = await encoder.encode({ where: 'cpu', rows: 1, cols: 16, data: x }, rows);
        const expected = encodeReference(params, x, rows);
        expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
        expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
        encoder.dispose();
      },
      { needsF16: true },
    );
  }
});
