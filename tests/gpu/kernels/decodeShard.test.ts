// decode_shard against its twin, from codes of rows and of a batch.
import { describe, expect } from 'vitest';
import {
  shardProductsReference,
  shardSumsReference,
  type ShardCase,
} from '../../../src/core/reference/decodeShard';
import { EMPTY_SLOT } from '../../../src/core/sae/sae';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { SHARD } from '../../../src/gpu/kernels/chunks';
import { prepareDecodeShard } from '../../../src/gpu/kernels/decodeShard';
import { makeCodeLayout } from '../../../src/gpu/sae/batchCode';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { randomCode, range } from '../../helpers/train/trainerCase';

const ROWS = 5;
// 17 vec4: no multiple of a workgroup's width.
const D = 68;
const D_SAE = 150;
const K = 6;

type Laid = {
  c: ShardCase;
  code: Parameters<typeof prepareDecodeShard>[2];
  places: Uint32Array;
};

const MIDDLE = { first: 64, count: 64, d: D };

/** k slots a row; gradient rows begin at 2. */
function byRow(): Laid {
  const code = randomCode({ rows: ROWS, k: K, among: range(D_SAE), seed: 5 });
  const gradientRows = [...code.latentIndices.keys()].map((slot) => 2 + Math.floor(slot / K));
  const W_dec = gaussian(D_SAE * D, 6);
  return {
    c: { ...code, gradientRows, W_dec, ...MIDDLE },
    code: { k: K, outRow: 2 },
    places: new Uint32Array(4),
  };
}

/** Rows of 0, 1, 2 … slots, each slot with one of seven gradient rows. */
function ofBatch(): Laid {
  const code = randomCode({ rows: ROWS, k: K, among: range(D_SAE), seed: 7, full: true });
  const kept = [...range(ROWS)].flatMap((row) => [...range(row)].map((slot) => row * K + slot));
  const gradientRows = kept.map((slot) => slot % 7);
  const layout = makeCodeLayout(ROWS, kept.length);
  const places = new Uint32Array(layout.words);
  range(ROWS + 1).forEach((row) => (places[row] = (row * (row - 1)) / 2));
  places.set(gradientRows, layout.rowsAt);
  const latentIndices = Uint32Array.from(kept, (slot) => code.latentIndices[slot]!);
  const latentActs = Float32Array.from(kept, (slot) => code.latentActs[slot]!);
  const W_dec = gaussian(D_SAE * D, 6);
  return { c: { latentIndices, latentActs, gradientRows, W_dec, ...MIDDLE }, code: layout, places };
}

async function runOnGpu(
  context: GpuContext,
  { c, code, places }: Laid,
  which: 'sums' | 'products',
) {
  const { first, count } = c;
  const set = createBufferSet(context, 'test');
  const gradient = set.storage('gradient', gaussian(7 * D, 8));
  const preActGrad = set.storage('preActGrad', new Float32Array(c.latentIndices.length).fill(9));
  const kernels = await prepareDecodeShard(context, { rows: ROWS, d4: D / 4 }, code);
  const bound = kernels[which].bind({
    latentIndices: set.storage('latentIndices', c.latentIndices),
    latentActs: set.storage('latentActs', c.latentActs),
    places: set.storage('places', places),
    W_dec: set.storage('W_dec', c.W_dec.subarray(first * D, (first + count) * D)),
    gradient,
    preActGrad,
    shard: set.uniform('shard', packUniform(SHARD, { first, count })),
  });
  submitPass(context, 'decode_shard', (pass) => {
    bound.encode(pass);
  });
  return {
    gradient: await readF32(context, gradient, 7 * D),
    preActGrad: await readF32(context, preActGrad, c.latentIndices.length),
  };
}

describe.each(['software', 'gpu'] as const)('decode_shard, %s variant', (as) => {
  for (const make of [byRow, ofBatch]) {
    gpuTest(
      `sums and products of the middle shard, code ${make.name}`,
      async (context) => {
        const laid = make();
        const before = gaussian(7 * D, 8);
        const untouched = new Float32Array(laid.c.latentIndices.length).fill(9);
        const sums = await runOnGpu(context, laid, 'sums');
        expect(sums.gradient).toBeAllclose(shardSumsReference(laid.c, before));
        expect(sums.preActGrad).toEqual(untouched);
        const products = await runOnGpu(context, laid, 'products');
        const expected = shardProductsReference(laid.c, before, untouched);
        expect(products.preActGrad).toBeAllclose(expected, { atol: 1e-5 });
        expect(products.gradient).toEqual(before);
        // Slots of the shard, of others, and (of rows) empty ones: the case has them all.
        expect([...expected]).toContain(9);
        expect([...expected].some((value) => value !== 9 && value !== 0)).toBe(true);
        if (make === byRow) expect([...laid.c.latentIndices]).toContain(EMPTY_SLOT);
      },
      { as },
    );
  }
});
