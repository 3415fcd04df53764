import { describe, expect } from 'vitest';
import type { Matrix } from '../../../src/core/handles';
import {
  gatherReference,
  momentsReference,
  ringAppendReference,
} from '../../../src/core/reference/activationRing';
import { createActivationRing } from '../../../src/gpu/train/activationRing';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { gatherStep, prepareGather } from '../../../src/gpu/kernels/gather';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { stripRows } from '../../helpers/rows';

const SCALE = 0.37;
/** binary16 keeps 11 bits; a driver may round either way. */
const F16 = { rtol: 1e-3, atol: 1e-6 };

/** Rows 1, 2, 4, 5, 7 …: every third left out, as BOS rows are. */
function countedRows(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i + 1 + Math.floor(i / 2));
}

async function gatherOnGpu(
  context: GpuContext,
  o: {
    from: 'ring' | 'rows';
    source: GPUBuffer;
    perm: Uint32Array;
    first: number;
    rows: number;
    d: number;
    b_dec: Float32Array | null;
    scale?: number;
  },
): Promise<Float32Array> {
  const { d, rows } = o;
  const kernel = await prepareGather(context, {
    from: o.from,
    d_in: d,
    applyBDecToInput: o.b_dec !== null,
  });
  const set = createBufferSet(context, 'gather test');
  const stride = Math.ceil(d / 4) * 4;
  const xc = set.storage('xc', rows * stride * 4);
  const step = gatherStep({ rows, first: o.first, scale: o.scale ?? 1 });
  const bound = kernel.bind({
    source: o.source,
    rowIndices: set.storage('perm', o.perm),
    b_dec: set.storage('b_dec', padColumns(o.b_dec ?? new Float32Array(d).fill(9), d)),
    xc,
    step: set.uniform('step', step),
  });
  submitPass(context, 'gather', (pass) => {
    bound.encode(pass, { rows });
  });
  const padded = await readF32(context, xc, rows * stride);
  const tail = padded.filter((_, i) => i % stride >= d);
  expect(tail.every((value) => value === 0)).toBe(true);
  set.dispose();
  return stripRows(padded, { cols: d, stride });
}

describe.each([1, 7, 30, 64])('ring of width %i', (d) => {
  for (const where of ['cpu', 'gpu'] as const) {
    gpuTest(
      `keeps appended rows (${where} source), wraps, and gathers them centred`,
      async (context) => {
        const set = createBufferSet(context, 'test');
        const data = gaussian(40 * d, 31);
        const buffer = bufferHandle(set.storage('source', new Float32Array([...data, 1, 2, 3])));
        const x: Matrix =
          where === 'cpu'
            ? { where, rows: 40, cols: d, data }
            : { where, rows: 40, cols: d, buffer };
        const ring = createActivationRing(context, { rows: 24, d });
        await ring.prepared;
        const expected = { rows: 24, d, values: new Float32Array(24 * d) };
        for (const firstRow of [0, 17]) {
          const rowIndices = countedRows(firstRow === 0 ? 20 : 13);
          await ring.append(x, rowIndices, SCALE, firstRow);
          ringAppendReference(expected, { source: data, rowIndices, scale: SCALE, firstRow });
        }
        const perm = Uint32Array.from([5, 0, 23, 11, 17, 2, 2]);
        const common = { from: 'ring', source: ring.buffer, perm, first: 1, rows: 6, d } as const;
        const rowIndices = perm.subarray(1);
        for (const b_dec of [gaussian(d, 32), null]) {
          const actual = await gatherOnGpu(context, { ...common, b_dec });
          const o = { rowIndices, d, b_dec, scale: 1 };
          expect(actual).toBeAllclose(gatherReference(expected.values, o), { ...F16, atol: 2e-3 });
        }
        ring.dispose();
        set.dispose();
      },
    );
  }

  gpuTest('gather reads f32 rows without rounding', async (context) => {
    const set = createBufferSet(context, 'test');
    const data = gaussian(40 * d, 33);
    const source = set.storage('source', data);
    const perm = countedRows(20);
    const b_dec = gaussian(d, 34);
    const o = { from: 'rows', source, perm, first: 0, rows: 20, d, b_dec, scale: SCALE } as const;
    const expected = gatherReference(data, { rowIndices: perm, d, b_dec, scale: SCALE });
    expect(await gatherOnGpu(context, o)).toBeAllclose(expected);
    set.dispose();
  });

  gpuTest('calibration matches f64 moments over uneven chunks', async (context) => {
    const ring = createActivationRing(context, { rows: 4, d });
    await ring.prepared;
    // A mean far from 0, where E[x²] − E[x]² would cancel.
    const data = gaussian(900 * d, 35).map((value, i) => value + 40 + (i % d));
    const x: Matrix = { where: 'cpu', rows: 900, cols: d, data };
    const all = countedRows(599);
    await ring.measure(x, all.subarray(0, 300));
    await ring.measure(x, all.subarray(300, 301));
    await ring.measure(x, all.subarray(301, 301));
    await ring.measure(x, all.subarray(301));
    const calibration = await ring.finish();
    const exact = momentsReference(data, all, d);
    const norms = Array.from(exact.norms);
    const inputScale = Math.sqrt(d) / (norms.reduce((a, b) => a + b) / 599);
    const squares = Array.from(exact.squares).reduce((a, b) => a + b);
    expect(calibration.tokens).toBe(599);
    expect(calibration.inputScale / inputScale).toBeCloseTo(1, 5);
    expect(calibration.variance / ((inputScale ** 2 * squares) / 599)).toBeCloseTo(1, 4);
    const mean = Array.from(exact.mean, (value) => inputScale * value);
    expect(calibration.mean).toBeAllclose(mean);
    ring.dispose();
  });
});

gpuTest('the ring clamps what f16 cannot hold and lets NaN through', async (context) => {
  const ring = createActivationRing(context, { rows: 1, d: 4 });
  await ring.prepared;
  // NaN last: as the lower half of a pair, SwiftShader's pack2x16float spills it into the upper one.
  const data = new Float32Array([1e6, -Infinity, 0.5, NaN]);
  await ring.append({ where: 'cpu', rows: 1, cols: 4, data }, new Uint32Array([0]), 1, 0);
  const perm = new Uint32Array([0]);
  const o = {
    from: 'ring',
    source: ring.buffer,
    perm,
    first: 0,
    rows: 1,
    d: 4,
    b_dec: null,
  } as const;
  expect([...(await gatherOnGpu(context, o))]).toEqual([65504, -65504, 0.5, NaN]);
  ring.dispose();
});

gpuTest('the ring refuses rows outside, another width, and more than it holds', async (context) => {
  const ring = createActivationRing(context, { rows: 2, d: 4 });
  await ring.prepared;
  const x: Matrix = { where: 'cpu', rows: 3, cols: 4, data: new Float32Array(12) };
  const appending = (rows: number[], cols = 4) =>
    ring.append({ ...x, cols }, Uint32Array.from(rows), 1, 0);
  await expect(appending([3])).rejects.toThrow(/row 3 is outside the 3 rows/);
  await expect(appending([0], 5)).rejects.toThrow(/5 columns, expected d_in 4/);
  await expect(appending([0, 1, 2])).rejects.toThrow(/ring of 2 rows/);
  await expect(ring.finish()).rejects.toThrow(/mean norm NaN over 0 tokens/);
  ring.dispose();
});

gpuTest(
  'a ring larger than one binding names the rows that would fit',
  (context) => {
    expect(() => createActivationRing(context, { rows: 65, d: 7 })).toThrow(/at most 64 on/);
    return Promise.resolve();
  },
  { caps: { storageBindingBytes: 1024 } },
);
