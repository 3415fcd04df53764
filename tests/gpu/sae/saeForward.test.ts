import { describe, expect } from 'vitest';
import { saeEncodeReference } from '../../../src/core/reference/saeEncode';
import { topkReference } from '../../../src/core/reference/topkRow';
import { createBufferSet, readF32, readU32, writeBuffer } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { createSaeForward, type SaeForward } from '../../../src/gpu/sae/saeForward';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';

const SHAPE = { rows: 150, d_in: 30, d_sae: 200, k: 6 };
const NEXT = { d_in: 30, d_sae: 200 };

function makeInputs(rows: number) {
  return {
    rows,
    ...NEXT,
    xc: gaussian(rows * SHAPE.d_in, 21),
    W_enc: gaussian(SHAPE.d_sae * SHAPE.d_in, 22, 0.2),
    b_enc: gaussian(SHAPE.d_sae, 23, 0.1),
  };
}

async function openForward(context: GpuContext, candidateCap?: number) {
  const set = createBufferSet(context, 'test');
  const c = makeInputs(SHAPE.rows);
  const W_enc = set.storage('W_enc', padRows(c.W_enc, { cols: 30, stride: 32 }));
  const weights = { W_enc: [W_enc], b_enc: set.storage('b_enc', c.b_enc) };
  const o = candidateCap === undefined ? {} : { candidateCap };
  const forward = await createSaeForward(context, SHAPE, weights, o);
  writeBuffer(context, forward.buffers.xc, padRows(c.xc, { cols: 30, stride: 32 }));
  return { c, forward, set };
}

/** Runs the chunks in submits of their own, to look at each one's preActs. */
async function runChunks(context: GpuContext, forward: SaeForward) {
  const { plan, buffers } = forward;
  const preActs: number[] = [];
  for (const [index, chunk] of forward.chunks().entries()) {
    const encoder = context.device.createCommandEncoder();
    if (index === 0) forward.reset(encoder);
    const pass = encoder.beginComputePass();
    forward.encodeChunk(pass, index);
    pass.end();
    context.device.queue.submit([encoder.finish()]);
    const padded = await readF32(context, buffers.preActs, chunk.rows * plan.nStride);
    preActs.push(...stripRows(padded, { cols: plan.d_sae, stride: plan.nStride }));
  }
  return {
    preActs: Float32Array.from(preActs),
    latentIndices: await readU32(context, buffers.latentIndices, plan.rows * plan.k),
    latentActs: await readF32(context, buffers.latentActs, plan.rows * plan.k),
    counters: await readU32(context, buffers.counters, 2),
  };
}

// Room for 128 padded rows of preActs: 150 rows make two chunks.
const CAPS = { storageBindingBytes: 128 * 256 * 4 };

describe.each(['software', 'gpu'] as const)('saeForward, %s variants', (as) => {
  for (const [name, caps, chunkCount] of [
    ['one chunk', {}, 1],
    ['two chunks', CAPS, 2],
  ] as const) {
    gpuTest(
      `${name}: pre-activations and selection match the twins`,
      async (context) => {
        const { c, forward } = await openForward(context);
        expect(forward.chunks().length).toBe(chunkCount);
        const out = await runChunks(context, forward);
        expect(out.preActs).toBeAllclose(saeEncodeReference(c).preActs, { atol: 1e-5 });
        // The GPU's own pre-activations, so that near-ties cannot differ.
        const expected = topkReference(out.preActs, SHAPE);
        expect([...out.latentIndices]).toEqual([...expected.latentIndices]);
        expect([...out.latentActs]).toEqual([...expected.latentActs]);
        expect([...out.counters]).toEqual([0, 0]);
      },
      { as, caps },
    );

    gpuTest(
      `${name}: overflowing rows are selected all the same, and counted`,
      async (context) => {
        const { forward } = await openForward(context, 8);
        const out = await runChunks(context, forward);
        const expected = topkReference(out.preActs, SHAPE);
        expect([...out.latentIndices]).toEqual([...expected.latentIndices]);
        expect(out.counters[1]).toBeGreaterThan(0);
      },
      { as, caps },
    );

    gpuTest(
      `${name}: a shorter step leaves the rows behind it alone`,
      async (context) => {
        const { forward } = await openForward(context);
        const before = await runChunks(context, forward);
        writeBuffer(context, forward.buffers.xc, gaussian(SHAPE.rows * 32, 29));
        forward.setRows(131);
        const after = await runChunks(context, forward);
        const kept = 131 * SHAPE.k;
        expect([...after.latentIndices.subarray(kept)]).toEqual([
          ...before.latentIndices.subarray(kept),
        ]);
        const shorter = { ...SHAPE, rows: 131 };
        const expected = topkReference(after.preActs, shorter);
        expect([...after.latentIndices.subarray(0, kept)]).toEqual([...expected.latentIndices]);
      },
      { as, caps },
    );
  }
});
