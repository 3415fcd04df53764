// csc_blocks, latent_update, bdec_grad and bdec_adam against their twins.
import { describe, expect } from 'vitest';
import { adamReference, type AdamStep, type AdamVector } from '../../../src/core/reference/adam';
import { cscReference } from '../../../src/core/reference/csc';
import {
  bdecGradReference,
  cscBlocksReference,
  latentUpdateReference,
} from '../../../src/core/reference/latentUpdate';
import { createBufferSet, readF32, type BufferSet } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { prepareBdecAdam } from '../../../src/gpu/kernels/bdecAdam';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { SHARD } from '../../../src/gpu/kernels/chunks';
import { prepareBdecGrad } from '../../../src/gpu/kernels/bdecGrad';
import { prepareColumnMoments } from '../../../src/gpu/kernels/columnMoments';
import { prepareCscBlocks } from '../../../src/gpu/kernels/cscBlocks';
import { prepareLatentUpdate } from '../../../src/gpu/kernels/latentUpdate';
import { trainerStep } from '../../../src/gpu/kernels/trainerStep';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import type { TrainerPlan } from '../../../src/gpu/train/trainerPlan';
import { gaussian } from '../../helpers/cases';
import { cscWords } from '../../helpers/train/cscWords';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { stripRows } from '../../helpers/rows';
import {
  casePlan,
  describeShape,
  randomCode,
  range,
  SHAPES,
  type CaseShape,
} from '../../helpers/train/trainerCase';
import { unitRows } from '../../helpers/unitRows';

const STEP = 12;

/** Latent 2 fires on every one of a batch of 4,096 rows, others on every third: lists of whole blocks and rests. */
const SKEWED = { rows: 4096, d_in: 12, d_sae: 7, k: 2, k_aux: 1 };

function makeCase(shape: CaseShape) {
  const { rows, d_in: d, d_sae: n, k } = shape;
  // The last third of the latents is in no row: Adam's decay only.
  const among = range(Math.ceil((2 * n) / 3));
  const main = randomCode({ rows, k, among, seed: 71, full: true });
  if (shape === SKEWED) {
    for (let row = 0; row < rows; row++) {
      if (main.latentIndices[k * row + 1] !== 2) main.latentIndices[k * row] = 2;
    }
  }
  const aux = randomCode({ rows, k: shape.k_aux!, among, seed: 72 });
  const squares = (length: number, seed: number) =>
    gaussian(length, seed, 0.01).map((value) => value * value);
  return {
    csc: cscReference(main, aux, n),
    xc: gaussian(rows * d, 73),
    gradient: gaussian(2 * rows * d, 74, 0.01),
    enc: { p: gaussian(n * d, 75, 0.2), m: gaussian(n * d, 76, 0.01), v: squares(n * d, 77) },
    dec: {
      p: unitRows(gaussian(n * d, 78), d),
      m: gaussian(n * d, 79, 0.01),
      v: squares(n * d, 80),
    },
    bias: { p: gaussian(n, 81, 0.1), m: gaussian(n, 82, 0.01), v: squares(n, 83) },
    b_dec: { p: gaussian(d, 84), m: gaussian(d, 85, 0.01), v: squares(d, 86) },
    rows,
    d,
    n,
  };
}
type Case = ReturnType<typeof makeCase>;
type Moments = { m: Float32Array; v: Float32Array };

function adamStep(plan: TrainerPlan): AdamStep {
  const { buffer } = trainerStep(plan.config, { variance: 1, levels: 1, step: STEP });
  const [, , rate, secondScale] = new Float32Array(buffer);
  const { adamBeta1: beta1, adamBeta2: beta2, adamEps: eps } = plan.config;
  return { beta1, beta2, eps, rate: rate!, secondScale: secondScale! };
}

/** [n, 2, stride] */
function interleave({ m, v }: Moments, d: number): Float32Array {
  const rows = Array.from({ length: m.length / d }, (_, r) => [
    ...m.subarray(r * d, (r + 1) * d),
    ...v.subarray(r * d, (r + 1) * d),
  ]);
  return padColumns(Float32Array.from(rows.flat()), d);
}

function wholeShard(set: BufferSet, n: number) {
  return set.uniform('shard', packUniform(SHARD, { first: 0, count: n }));
}

async function updateOnGpu(context: GpuContext, plan: TrainerPlan, c: Case) {
  const { d, n } = c;
  const { dStride } = plan;
  const set = createBufferSet(context, 'test');
  const W_enc = set.storage('W_enc', padColumns(c.enc.p, d));
  const W_dec = set.storage('W_dec', padColumns(c.dec.p, d));
  const momentsEnc = set.storage('momentsEnc', interleave(c.enc, d));
  const momentsDec = set.storage('momentsDec', interleave(c.dec, d));
  const bias = Float32Array.of(...c.bias.p, ...c.bias.m, ...c.bias.v);
  const encoderBias = set.storage('encoderBias', bias);
  const csc = set.storage('csc', cscWords(c.csc, plan));
  const xc = set.storage('xc', padColumns(c.xc, d));
  const gradient = set.storage('gradient', padColumns(c.gradient, d));
  const blocks = plan.blocks === 0 ? null : await prepareCscBlocks(context, plan);
  const bound = (await prepareLatentUpdate(context, plan)).bind({
    csc,
    xc,
    gradient,
    W_enc,
    W_dec,
    momentsEnc,
    momentsDec,
    encoderBias,
    shard: wholeShard(set, n),
    step: set.uniform('step', trainerStep(plan.config, { variance: 1, levels: 1, step: STEP })),
  });
  submitPass(context, 'latent_update', (pass) => {
    blocks?.bind({ csc, xc, gradient }).encode(pass);
    bound.encode(pass, { latents: n });
  });
  const rowsOf = async (buffer: GPUBuffer, rows: number) => {
    const padded = await readF32(context, buffer, rows * dStride);
    return stripRows(padded, { cols: d, stride: dStride });
  };
  return {
    W_enc: await rowsOf(W_enc, n),
    W_dec: await rowsOf(W_dec, n),
    momentsEnc: await rowsOf(momentsEnc, 2 * n),
    momentsDec: await rowsOf(momentsDec, 2 * n),
    bias: await readF32(context, encoderBias, 3 * n),
    blocks: await readF32(context, csc, plan.cscWords - plan.blocksAt, 4 * plan.blocksAt),
  };
}

function rowOf(vector: { p: Float32Array } & Moments, row: number, d: number): AdamVector {
  const cut = (values: Float32Array) => [...values.subarray(row * d, (row + 1) * d)];
  return { p: cut(vector.p), m: cut(vector.m), v: cut(vector.v) };
}

/** Sums of the blocks that lie in one list; of the others nothing was written. */
function expectBlocks(actual: Float32Array, plan: TrainerPlan, c: Case) {
  const { d } = c;
  const { dStride, blockEntries } = plan;
  const words = 2 * dStride + 4;
  for (const [block, sums] of cscBlocksReference(c, blockEntries).entries()) {
    const own = actual.subarray(block * words, (block + 1) * words);
    const parts = [own.subarray(0, d), own.subarray(dStride, dStride + d), own.subarray(words - 4)];
    const got = [...parts[0]!, ...parts[1]!, parts[2]![0]!];
    const expected = sums === null ? got.map(() => 0) : [...sums.enc, ...sums.dec, sums.bias];
    expect(got).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-5 });
  }
}

describe.each(['software', 'gpu'] as const)('latent_update, %s variant', (as) => {
  const wide = { rows: 9, d_in: 1040, d_sae: 7, k: 2, k_aux: 2 };
  for (const shape of [...SHAPES, wide, SKEWED]) {
    gpuTest(
      describeShape(shape),
      async (context) => {
        const plan = casePlan(context, shape);
        const c = makeCase(shape);
        const actual = await updateOnGpu(context, plan, c);
        const { d, n } = c;
        const expected = Array.from({ length: n }, (_, latent) =>
          latentUpdateReference({ ...c, adam: adamStep(plan) }, latent, {
            enc: rowOf(c.enc, latent, d),
            dec: rowOf(c.dec, latent, d),
            bias: rowOf(c.bias, latent, 1),
          }),
        );
        const flat = (pick: (state: (typeof expected)[number]) => number[]) =>
          expected.flatMap(pick);
        expect(actual.W_enc).toBeAllclose(
          flat((s) => s.enc.p),
          { atol: 1e-5 },
        );
        expect(actual.W_dec).toBeAllclose(
          flat((s) => s.dec.p),
          { atol: 1e-5 },
        );
        expect(actual.momentsEnc).toBeAllclose(
          flat((s) => [...s.enc.m, ...s.enc.v]),
          { rtol: 1e-4 },
        );
        expect(actual.momentsDec).toBeAllclose(
          flat((s) => [...s.dec.m, ...s.dec.v]),
          { rtol: 1e-4 },
        );
        const bias = [flat((s) => s.bias.p), flat((s) => s.bias.m), flat((s) => s.bias.v)].flat();
        expect(actual.bias).toBeAllclose(bias, { rtol: 1e-4 });
        for (let latent = 0; latent < n; latent++) {
          const norm = Math.hypot(...actual.W_dec.subarray(latent * d, (latent + 1) * d));
          expect(Math.abs(norm - 1)).toBeLessThan(1e-6);
        }
        expectBlocks(actual.blocks, plan, c);
        if (shape === SKEWED) expect(await updateOnGpu(context, plan, c)).toEqual(actual);
      },
      { as },
    );
  }
});

async function biasOnGpu(context: GpuContext, plan: TrainerPlan, c: Case) {
  const { d } = c;
  const set = createBufferSet(context, 'test');
  const gradient = set.storage('gradient', padColumns(c.gradient, d));
  const columnMoments = set.storage('columnMoments', plan.rowParts * 2 * plan.dStride * 4);
  const encoderPath = set.storage('encoderPath', plan.latentParts * plan.dStride * 4);
  const state = [c.b_dec.p, c.b_dec.m, c.b_dec.v].map((values) => padColumns(values, d));
  const decoderBias = set.storage('decoderBias', Float32Array.from(state.flatMap((v) => [...v])));
  const moments = (await prepareColumnMoments(context, plan)).bind({ gradient, columnMoments });
  const csc = set.storage('csc', cscWords(c.csc, plan));
  const xc = set.storage('xc', padColumns(c.xc, d));
  const blocks = plan.blocks === 0 ? null : await prepareCscBlocks(context, plan);
  const path = (await prepareBdecGrad(context, plan)).bind({
    csc,
    W_enc: set.storage('W_enc', padColumns(c.enc.p, d)),
    encoderPath,
    shard: wholeShard(set, c.n),
  });
  const adam = (await prepareBdecAdam(context, plan)).bind({
    columnMoments,
    encoderPath,
    decoderBias,
    step: set.uniform('step', trainerStep(plan.config, { variance: 1, levels: 1, step: STEP })),
  });
  submitPass(context, 'b_dec', (pass) => {
    moments.encode(pass);
    blocks?.bind({ csc, xc, gradient }).encode(pass);
    path.encode(pass, { latents: c.n });
    adam.encode(pass);
  });
  const padded = await readF32(context, decoderBias, 3 * plan.dStride);
  return stripRows(padded, { cols: d, stride: plan.dStride });
}

describe.each(['software', 'gpu'] as const)('b_dec, %s variant', (as) => {
  for (const shape of [...SHAPES, SKEWED]) {
    for (const applyBDecToInput of shape === SKEWED ? [true] : [true, false]) {
      gpuTest(
        `${describeShape(shape)}, ${applyBDecToInput ? '' : 'not '}centred`,
        async (context) => {
          const plan = casePlan(context, shape, { applyBDecToInput });
          const c = makeCase(shape);
          const g = bdecGradReference(c, c.enc.p, applyBDecToInput);
          const expected = adamReference(rowOf(c.b_dec, 0, c.d), g, adamStep(plan));
          const actual = await biasOnGpu(context, plan, c);
          const flat = [expected.p, expected.m, expected.v].flat();
          expect(actual).toBeAllclose(flat, { rtol: 1e-4, atol: 1e-5 });
        },
        { as },
      );
    }
  }
});
