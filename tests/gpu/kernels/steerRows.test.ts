// Steering kernels against their twins: every mode, every rule of an SAE, vectors solved together, the clip.
import { describe, expect } from 'vitest';
import { pickLatentsReference } from '../../../src/core/reference/pickLatents';
import { steerRowsReference } from '../../../src/core/reference/steerRows';
import type { SaeParams } from '../../../src/core/sae/sae';
import { unitVector } from '../../../src/core/numeric/vectors';
import type { EditSlot } from '../../../src/core/steer/steerEdit';
import { STEER_MODES, type SteerMode } from '../../../src/core/steer/steering';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { bufferHandle } from '../../../src/gpu/device/handles';
import { PICK_STEP, pickLatents, pickStep } from '../../../src/gpu/kernels/pickLatents';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import { createRowSteerer } from '../../../src/gpu/steer/rowSteerer';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { makeSteerSae } from '../../helpers/steer/steerCases';
import '../../helpers/matchers';

const ROWS = 5;
/** Every other row, so that unlisted ones are seen to stay. */
const LISTED = Uint32Array.of(0, 2, 4);

function latentSlot(params: SaeParams, latentIndex: number, mode: SteerMode): EditSlot {
  const { W_dec, d_in } = params;
  const direction = W_dec.slice(latentIndex * d_in, (latentIndex + 1) * d_in);
  return { mode, isNorm: false, scale: 1.5, direction, latent: { params, latentIndex } };
}

function vectorSlot(d: number, seed: number, mode: SteerMode): EditSlot {
  const direction = unitVector(gaussian(d, seed));
  return { mode, isNorm: false, scale: 1, direction, latent: null };
}

async function compare(
  context: GpuContext,
  o: { slots: EditSlot[]; values: (number | null)[]; clip?: number | null; d: number },
) {
  const clip = o.clip ?? null;
  const x = gaussian(ROWS * o.d, 9);
  const set = createBufferSet(context, 'test');
  const buffer = set.storage('residual', x);
  const steerer = await createRowSteerer(context, { slots: o.slots, clip, maxRows: ROWS });
  const residual = { where: 'gpu', rows: ROWS, cols: o.d, buffer: bufferHandle(buffer) } as const;
  const readouts = await steerer.run(residual, LISTED, o.values).read();
  const steered = await readF32(context, buffer, x.length);
  const twin = x.slice();
  const told = steerRowsReference({
    x: twin,
    rows: LISTED,
    slots: o.slots,
    values: o.values,
    clip,
  });
  expect(steered).toBeAllclose(twin, { rtol: 1e-4, atol: 1e-4 });
  for (const [row, readout] of readouts.entries()) {
    const expected = told[row]!;
    expect(readout.norm).toBeCloseTo(expected.norm, 3);
    expect(readout.deltaNorm).toBeCloseTo(expected.deltaNorm, 3);
    expect(readout.isClipped).toBe(expected.isClipped);
    for (const key of ['before', 'achieved'] as const) {
      readout[key].forEach((value, s) => {
        if (expected[key][s] === null) expect(value).toBeNull();
        else expect(value).toBeCloseTo(expected[key][s]!, 3);
      });
    }
  }
  steerer.dispose();
  set.dispose();
  return { x, steered, readouts: told };
}

describe.each(['topk', 'relu', 'jumprelu', 'gated'] as const)('steer_rows, %s', (architecture) => {
  const d = 70;
  const params = makeSteerSae(architecture, { d, d_sae: 130, seed: 3 });
  // Eight latents: some fire on these rows, some do not.
  for (const mode of STEER_MODES) {
    gpuTest(`${mode} matches its twin`, async (context) => {
      const latents = [0, 3, 17, 64, 65, 99, 128, 129];
      const slots = latents.map((latent) => latentSlot(params, latent, mode));
      const { readouts } = await compare(context, { d, slots, values: slots.map(() => 0.7) });
      const acts = readouts.flatMap(({ before }) => before);
      if (mode !== 'add' || architecture !== 'topk') {
        expect(acts.some((act) => act! > 0)).toBe(true);
        expect(acts.some((act) => act === 0)).toBe(true);
      }
    });
  }
});

for (const as of ['gpu', 'software'] as const) {
  gpuTest(
    `several vectors are solved together, in every unit (${as} variant)`,
    async (context) => {
      const d = 65;
      const sae = makeSteerSae('relu', { d, d_sae: 20, seed: 5 });
      const slots: EditSlot[] = [
        vectorSlot(d, 1, 'set'),
        { ...vectorSlot(d, 1, 'cap'), direction: near(d, 1) },
        vectorSlot(d, 2, 'ablate'),
        vectorSlot(d, 3, 'scale'),
        { ...vectorSlot(d, 4, 'add'), isNorm: true },
        { ...latentSlot(sae, 2, 'set'), isNorm: true },
        latentSlot(sae, 3, 'add'),
        vectorSlot(d, 6, 'set'),
      ];
      await compare(context, { d, slots, values: [2, 0.1, 1, 2.5, 0.3, 0.2, -1, null] });
    },
    { as },
  );
}

gpuTest('the clip shortens Δ to κ‖h‖ and says so', async (context) => {
  const d = 48;
  const slots = [vectorSlot(d, 1, 'add'), vectorSlot(d, 2, 'add')];
  const { readouts } = await compare(context, { d, slots, values: [40, 40], clip: 0.5 });
  expect(readouts.map(({ isClipped }) => isClipped)).toEqual([true, true, true]);
  for (const { norm, deltaNorm } of readouts) expect(deltaNorm).toBeCloseTo(0.5 * norm, 6);
});

gpuTest('neutral and switched-off slots leave every bit', async (context) => {
  const d = 48;
  const sae = makeSteerSae('relu', { d, d_sae: 20, seed: 5 });
  const slots = [latentSlot(sae, 1, 'add'), latentSlot(sae, 2, 'scale'), latentSlot(sae, 3, 'set')];
  const { x, steered } = await compare(context, { d, slots, values: [0, 1, null] });
  expect([...steered]).toEqual([...x]);
});

gpuTest('strength 0 leaves every bit of a row, −0 and NaN included', async (context) => {
  const bits = Uint32Array.of(0x80000000, 0x7fc01234, 0x3f800000, 0x00000001);
  const set = createBufferSet(context, 'test');
  const buffer = set.storage('residual', bits);
  const direction = Float32Array.of(1, 2, Infinity, 4);
  const slots = [{ ...vectorSlot(4, 1, 'add'), direction }];
  const steerer = await createRowSteerer(context, { slots, clip: null, maxRows: 1 });
  const residual = { where: 'gpu', rows: 1, cols: 4, buffer: bufferHandle(buffer) } as const;
  steerer.run(residual, Uint32Array.of(0), [0]).drop();
  expect([...new Uint32Array(await context.staging.read(buffer, 16))]).toEqual([...bits]);
  steerer.dispose();
  set.dispose();
});

for (const [rows, d] of [
  [1, 1],
  [3, 65],
  [5, 64],
  [7, 97],
] as const) {
  gpuTest(`runs in a row each keep their strength, ${rows} rows, d ${d}`, async (context) => {
    const twin = gaussian(rows * d, 1);
    const set = createBufferSet(context, 'test');
    const buffer = set.storage('residual', twin);
    const slots = [{ ...vectorSlot(d, 2, 'add'), direction: gaussian(d, 2) }];
    const steerer = await createRowSteerer(context, { slots, clip: null, maxRows: 1 });
    for (let row = 0; row < rows; row += 2) {
      const change = { rows: Uint32Array.of(row), values: [-2.5 - row] };
      const residual = { where: 'gpu', rows, cols: d, buffer: bufferHandle(buffer) } as const;
      steerer.run(residual, change.rows, change.values).drop();
      steerRowsReference({ x: twin, slots, clip: null, ...change });
    }
    expect(await readF32(context, buffer, rows * d)).toBeAllclose(twin);
    steerer.dispose();
    set.dispose();
  });
}

gpuTest('pick_latents matches its twin', async (context) => {
  const code = {
    k: 3,
    latentIndices: Uint32Array.of(7, 2, 0xffffffff, 4, 7, 1),
    latentActs: Float32Array.of(3, 2, 0, 6, 5, 4),
  };
  const wanted = [7, 1, 9];
  const set = createBufferSet(context, 'test');
  const acts = set.storage('acts', 3 * 2 * 4);
  const step = set.uniform('step', PICK_STEP.byteLength);
  const slots = wanted.map((latentIndex, slot) => ({ latentIndex, slot }));
  const bytes = pickStep({ rows: 2, k: 3, maxRows: 2, wanted: slots });
  context.device.queue.writeBuffer(step, 0, bytes);
  const kernel = await pickLatents.prepare(context, { overrides: {} });
  const bound = kernel.bind({
    latentIndices: set.storage('indices', code.latentIndices),
    latentActs: set.storage('codeActs', code.latentActs),
    acts,
    step,
  });
  submitPass(context, 'pick', (pass) => {
    bound.encode(pass, { rows: 2, wanted: 3 });
  });
  expect([...(await readF32(context, acts, 6))]).toEqual([
    ...pickLatentsReference(code, wanted, 2),
  ]);
  expect([...pickLatentsReference(code, wanted, 2)]).toEqual([3, 5, 0, 4, 0, 0]);
  set.dispose();
});

gpuTest('refuses a row outside the residual', async (context) => {
  const set = createBufferSet(context, 'test');
  const buffer = bufferHandle(set.storage('residual', 64));
  const slots = [vectorSlot(4, 1, 'add')];
  const steerer = await createRowSteerer(context, { slots, clip: null, maxRows: 4 });
  const residual = { where: 'gpu', rows: 4, cols: 4, buffer } as const;
  expect(() => steerer.run(residual, Uint32Array.of(4), [1])).toThrow('row 4 is outside');
  steerer.dispose();
  set.dispose();
});

/** Almost the vector of the same seed. */
function near(d: number, seed: number): Float32Array {
  const noise = gaussian(d, 77);
  return unitVector(gaussian(d, seed).map((value, i) => value + 0.1 * noise[i]!));
}
