import { describe, expect, vi } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../../src/core/numeric/float16';
import type { Matrix } from '../../../src/core/handles';
import { gatherReference } from '../../../src/core/reference/activationRing';
import { saeEncodeReference } from '../../../src/core/reference/saeEncode';
import { activeRowReference } from '../../../src/core/reference/activeRow';
import { topkReference } from '../../../src/core/reference/topkRow';
import {
  EMPTY_SLOT,
  type SaeParams,
  type SparseCode,
  type TopKParams,
} from '../../../src/core/sae/sae';
import { createBufferSet } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { createKnownActivations } from '../../../src/gpu/steer/knownActivations';
import { latentMajor } from '../../../src/gpu/sae/latentMajor';
import { createLatentStream } from '../../../src/gpu/sae/latentStream';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { gaussian, makeSaeParams } from '../../helpers/cases';
import { gpuTest } from '../../helpers/gpuTest';
import '../../helpers/matchers';

function encodeReference(p: TopKParams, x: Float32Array, rowIndices: Uint32Array): SparseCode {
  const { d_in, d_sae, k } = p;
  const b_dec = p.applyBDecToInput ? p.b_dec : null;
  const xc = gatherReference(x, { rowIndices, d: d_in, b_dec, scale: 1 });
  // Straight from the definition: W_enc is [d_in, d_sae] here.
  const W_enc = Float32Array.from(
    { length: d_sae * d_in },
    (_, i) => p.W_enc[(i % d_in) * d_sae + Math.floor(i / d_in)]!,
  );
  const rows = rowIndices.length;
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: p.b_enc });
  return topkReference(preActs, { rows, d_sae, k });
}

const SHAPES = [
  { d_in: 16, d_sae: 64, k: 4 },
  { d_in: 5, d_sae: 37, k: 3 },
  { d_in: 48, d_sae: 130, k: 130 },
];

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

gpuTest('saeEncoder answers an empty selection without a GPU step', async (context) => {
  const encoder = await createSaeEncoder(
    context,
    makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 }),
  );
  const x: Matrix = { where: 'cpu', rows: 1, cols: 4, data: new Float32Array(4) };
  const code = await encoder.encode(x, new Uint32Array());
  expect(code).toEqual({ k: 2, latentIndices: new Uint32Array(), latentActs: new Float32Array() });
  encoder.dispose();
});

gpuTest('saeEncoder leaves slots empty where nothing is positive', async (context) => {
  const params = makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 });
  params.b_enc.fill(-1e6);
  const encoder = await createSaeEncoder(context, params);
  const x: Matrix = { where: 'cpu', rows: 1, cols: 4, data: new Float32Array(4) };
  const code = await encoder.encode(x, new Uint32Array([0]));
  expect([...code.latentIndices]).toEqual([EMPTY_SLOT, EMPTY_SLOT]);
  expect([...code.latentActs]).toEqual([0, 0]);
  encoder.dispose();
});

gpuTest('saeEncoder refuses another width and a broken SAE', async (context) => {
  const params = makeSaeParams({ seed: 1, d_in: 4, d_sae: 8, k: 2 });
  const encoder = await createSaeEncoder(context, params);
  const x: Matrix = { where: 'cpu', rows: 1, cols: 5, data: new Float32Array(5) };
  await expect(encoder.encode(x, new Uint32Array([0]))).rejects.toThrow(
    /5 columns, expected d_in 4/,
  );
  encoder.dispose();
  const broken = { ...params, b_enc: new Float32Array(7) };
  await expect(createSaeEncoder(context, broken)).rejects.toThrow(/b_enc: 7 values, expected 8/);
});

function ruled(kind: 'relu' | 'jumprelu' | 'gated', d_sae: number): SaeParams {
  const shared = makeSaeParams({ seed: 9, d_in: 16, d_sae, k: 1 });
  switch (kind) {
    case 'relu':
      return { ...shared, architecture: kind };
    case 'jumprelu': {
      const threshold = gaussian(d_sae, 3, 0.5);
      return { ...shared, architecture: kind, threshold };
    }
    case 'gated':
      return {
        ...shared,
        architecture: kind,
        b_enc: new Float32Array(d_sae),
        b_gate: gaussian(d_sae, 4, 0.5),
        b_mag: gaussian(d_sae, 5, 0.5),
        r_mag: gaussian(d_sae, 6, 0.3),
      };
  }
}

function ruledReference(p: SaeParams, x: Float32Array, rowIndices: Uint32Array): SparseCode {
  if (p.architecture === 'topk') throw new Error('topk has no rule of its own');
  const { d_in, d_sae } = p;
  const b_dec = p.applyBDecToInput ? p.b_dec : null;
  const xc = gatherReference(x, { rowIndices, d: d_in, b_dec, scale: 1 });
  const W_enc = latentMajor(p.W_enc, p);
  const rows = rowIndices.length;
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: p.b_enc });
  return activeRowReference(preActs, p);
}

describe.each(['software', 'gpu'] as const)('where a rule decides, %s variants', (as) => {
  for (const kind of ['relu', 'jumprelu', 'gated'] as const) {
    gpuTest(
      `${kind}: equals its twin; a row with more active latents than slots loses none`,
      async (context) => {
        const params = ruled(kind, 130);
        const x = gaussian(40 * 16, 44);
        const rowIndices = Uint32Array.from({ length: 40 }, (_, i) => i);
        // About half of 130 latents are active, so 5 slots overflow in every row.
        const encoder = await createSaeEncoder(context, params, { rows: 16, capacity: 5 });
        const matrix: Matrix = { where: 'cpu', rows: 40, cols: 16, data: x };
        const expected = ruledReference(params, x, rowIndices);
        for (const when of ['grown', 'again']) {
          const code = await encoder.encode(matrix, rowIndices);
          expect(code.k, when).toBe(expected.k);
          expect([...code.latentIndices]).toEqual([...expected.latentIndices]);
          expect(code.latentActs).toBeAllclose(expected.latentActs, { atol: 1e-5 });
        }
        encoder.dispose();
      },
      { as },
    );
  }
});

gpuTest('a threshold’s code of a token does not depend on its neighbours', async (context) => {
  const params = ruled('jumprelu', 130);
  const encoder = await createSaeEncoder(context, params);
  const x = gaussian(20 * 16, 45);
  const withSink = x.slice();
  // One token of outlying norm, as <|bos|> is.
  for (let i = 0; i < 16; i++) withSink[7 * 16 + i]! *= 1000;
  const encode = (data: Float32Array, rows: number[]) =>
    encoder.encode({ where: 'cpu', rows: 20, cols: 16, data }, Uint32Array.from(rows));
  const activeOf = ({ k, latentIndices, latentActs }: SparseCode, row: number) =>
    [...latentIndices.subarray(row * k, (row + 1) * k)]
      .map((latent, slot) => [latent, latentActs[row * k + slot]] as const)
      .filter(([latent]) => latent !== EMPTY_SLOT);
  const all = await encode(x, [...Array(20).keys()]);
  const sink = await encode(withSink, [...Array(20).keys()]);
  for (const row of [0, 6, 8, 19]) {
    const alone = await encode(x, [row]);
    expect(activeOf(all, row).length).toBeGreaterThan(0);
    expect(activeOf(alone, 0)).toEqual(activeOf(all, row));
    expect(activeOf(sink, row)).toEqual(activeOf(all, row));
  }
  encoder.dispose();
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
