import { describe, expect, test } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../../src/core/numeric/float16';
import {
  groupMaxReference,
  LOWEST_F32,
  saeEncodeReference,
  type EncodeCase,
} from '../../../src/core/reference/saeEncode';
import { createBufferSet, readF32, readU32 } from '../../../src/gpu/device/buffers';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { CHUNK, SHARD } from '../../../src/gpu/kernels/chunks';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeForwardPlan } from '../../../src/gpu/sae/forwardPlan';
import {
  ENCODE_TILES,
  prepareEncode,
  type EncodePrecision,
  type EncodeTile,
} from '../../../src/gpu/kernels/saeEncode';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';

type Shape = { rows: number; d_in: number; d_sae: number; k: number };

// d no multiple of the K slice of 16, n none of the tile: three tiles of columns, the last one ragged.
const RAGGED = { d_in: 80, d_sae: 130, k: 4 };
// Compiling a tiled variant takes a software driver seconds, so most shapes share one pipeline.
const ROWS: Shape[] = [1, 31, 64, 65, 129].map((rows) => ({ rows, ...RAGGED }));
const NARROW: Shape = { rows: 33, d_in: 7, d_sae: 67, k: 1 };
type Variant = {
  name: string;
  tile?: EncodeTile;
  precision?: EncodePrecision | undefined;
  as: 'gpu' | 'software';
  shapes: Shape[];
  isLong?: boolean;
};
const variants: Variant[] = [
  {
    name: 'registers',
    as: 'software',
    shapes: [
      ...ROWS,
      NARROW,
      { rows: 1, d_in: 1, d_sae: 1, k: 1 },
      { rows: 31, d_in: 128, d_sae: 191, k: 191 },
    ],
  },
  { name: 'tile 64x64', as: 'gpu', shapes: [...ROWS, NARROW] },
  { name: 'tile 128x64', tile: '128x64', as: 'gpu', shapes: ROWS },
  ...ENCODE_TILES.slice(2).map((tile): Variant => ({
    name: `tile ${tile}`,
    tile,
    as: 'gpu',
    shapes: ROWS.slice(-1),
  })),
  { name: 'registers, f16', precision: 'f16', as: 'software', shapes: ROWS },
  { name: 'tile 64x64, f16', precision: 'f16', as: 'gpu', shapes: ROWS },
  { name: 'tile 128x64, f16', tile: '128x64', precision: 'f16', as: 'gpu', shapes: ROWS },
];

/** Weights that f16 holds exactly where it is to hold them: the twin needs no other tolerance. */
function makeCase(
  { rows, d_in, d_sae }: Omit<Shape, 'k'>,
  o: Pick<Variant, 'precision'>,
): EncodeCase {
  const W_enc = gaussian(d_sae * d_in, 4, 1 / Math.sqrt(d_in));
  return {
    rows,
    d_in,
    d_sae,
    xc: gaussian(rows * d_in, 3),
    W_enc: o.precision === 'f16' ? f16ToF32(f32ToF16(W_enc)) : W_enc,
    b_enc: gaussian(d_sae, 5),
  };
}

type EncodeRun = {
  k: number;
  tile?: EncodeTile | undefined;
  precision?: EncodePrecision | undefined;
};

async function encodeOnGpu(context: GpuContext, c: EncodeCase, o: EncodeRun) {
  const { rows, d_in, d_sae } = c;
  const plan = makeForwardPlan(context.caps, { rows, d_in, d_sae, k: o.k });
  const encode = await prepareEncode(context, plan, o);
  const set = createBufferSet(context, 'test');
  const pad = { cols: d_in, stride: plan.dStride };
  const preActs = set.storage('preActs', rows * plan.nStride * 4);
  const groupMax = set.storage('groupMax', rows * plan.groups * 4);
  const counters = set.storage('counters', 16);
  const bound = encode.bind({
    xc: set.storage('xc', padRows(c.xc, pad)),
    W_enc: set.storage('W_enc', asHeld(padRows(c.W_enc, pad), o)),
    b_enc: set.storage('b_enc', c.b_enc),
    preActs,
    groupMax,
    counters,
    chunk: set.uniform('chunk', packUniform(CHUNK, { rows })),
    shard: set.uniform('shard', packUniform(SHARD, { first: 0, count: d_sae })),
  });
  const encoder = context.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  bound.encode(pass, { rows, columns: plan.nStride });
  pass.end();
  context.device.queue.submit([encoder.finish()]);
  const padded = await readF32(context, preActs, rows * plan.nStride);
  const out = {
    plan,
    padded,
    preActs: stripRows(padded, { cols: d_sae, stride: plan.nStride }),
    groupMax: await readF32(context, groupMax, rows * plan.groups),
    nanCount: (await readU32(context, counters, 1))[0]!,
  };
  set.dispose();
  return out;
}

function asHeld(W_enc: Float32Array, o: Pick<EncodeRun, 'precision'>): Float32Array | Uint32Array {
  return o.precision === 'f16' ? new Uint32Array(f32ToF16(W_enc).buffer) : W_enc;
}

test('the twin multiplies, adds the bias and traps NaN', () => {
  const c = {
    rows: 1,
    d_in: 2,
    d_sae: 2,
    xc: new Float32Array([1, 2]),
    W_enc: new Float32Array([3, 4, NaN, 0]),
    b_enc: new Float32Array([0.5, 0]),
  };
  const { preActs, nanCount } = saeEncodeReference(c);
  expect([...preActs]).toEqual([11.5, LOWEST_F32]);
  expect(nanCount).toBe(1);
});

describe.each(variants)('sae_encode, $name', ({ tile, precision, as, shapes, isLong = false }) => {
  const device = { as, needsF16: precision === 'f16', isLong };
  for (const s of shapes) {
    const name = `matches its twin at ${s.rows}×${s.d_in}×${s.d_sae}, k ${s.k}`;
    const body = async (context: GpuContext) => {
      const c = makeCase(s, { precision });
      const out = await encodeOnGpu(context, c, { k: s.k, tile, precision });
      const expected = saeEncodeReference(c);
      // eps · √d · operand norms, with room for another summation order.
      const atol = 1e-6 * Math.sqrt(s.d_in);
      expect(out.preActs).toBeAllclose(expected.preActs, { atol });
      const { groupWidth: width, groups, nStride } = out.plan;
      const maxima = groupMaxReference(out.preActs, { ...s, width, groups });
      expect([...out.groupMax]).toEqual([...maxima]);
      const tail = out.padded.filter((_, i) => i % nStride >= s.d_sae);
      expect(tail.every((value) => value === LOWEST_F32)).toBe(true);
      expect(out.nanCount).toBe(0);
    };
    gpuTest(name, body, device);
  }

  gpuTest(
    'traps NaN, counts each once and keeps infinities',
    async (context) => {
      const c = makeCase({ rows: 3, ...RAGGED }, { precision });
      c.xc[1 * RAGGED.d_in + 2] = NaN;
      c.b_enc[129] = Infinity;
      c.b_enc[0] = -Infinity;
      const out = await encodeOnGpu(context, c, { k: RAGGED.k, tile, precision });
      const expected = saeEncodeReference(c);
      expect(expected.nanCount).toBe(130);
      expect(out.nanCount).toBe(130);
      expect(out.preActs).toBeAllclose(expected.preActs, { atol: 1e-5 });
    },
    device,
  );
});
