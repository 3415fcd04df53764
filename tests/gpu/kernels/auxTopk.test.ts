// aux_topk against its twin: exact indices and values, ties, silence, all dead.
import { describe, expect } from 'vitest';
import { auxTopkReference } from '../../../src/core/reference/auxTopk';
import { LOWEST_F32 } from '../../../src/core/reference/saeEncode';
import { makeRng } from '../../../src/core/numeric/rng';
import { EMPTY_SLOT } from '../../../src/core/sae/sae';
import { createBufferSet, readU32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { prepareAuxTopk } from '../../../src/gpu/kernels/auxTopk';
import { DEAD_GRID, deadBuffer } from '../../../src/gpu/kernels/deadUpdate';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { padRows } from '../../helpers/rows';
import { casePlan, range } from '../../helpers/train/trainerCase';

type AuxCase = {
  preActs: Float32Array;
  rows: number;
  d_sae: number;
  k_aux: number;
  dead: Uint32Array;
};

/** Dispatched indirectly, as a step does. */
async function auxTopkOnGpu(context: GpuContext, c: AuxCase) {
  const { rows, d_sae, k_aux } = c;
  const plan = casePlan(context, { rows, d_in: 4, d_sae, k: 1, k_aux });
  const set = createBufferSet(context, 'test');
  const padded = padRows(c.preActs, {
    cols: d_sae,
    stride: plan.forward.nStride,
    fill: LOWEST_F32,
  });
  const dead = set.storage('dead', deadBuffer(c.dead, plan), GPUBufferUsage.INDIRECT);
  const untouched = new Uint32Array(rows * k_aux).fill(12345);
  const auxIndices = set.storage('auxIndices', untouched);
  const auxActs = set.storage('auxActs', untouched);
  const preActs = set.storage('preActs', padded);
  const bound = (await prepareAuxTopk(context, plan)).bind({
    preActs,
    dead,
    auxIndices,
    auxActs,
  });
  submitPass(context, 'aux_topk', (pass) => {
    bound.dispatchIndirect(dead, DEAD_GRID.lastChunk).record(pass);
  });
  return {
    latentIndices: await readU32(context, auxIndices, rows * k_aux),
    latentActs: new Float32Array((await readU32(context, auxActs, rows * k_aux)).buffer),
  };
}

async function expectSame(context: GpuContext, c: AuxCase) {
  const actual = await auxTopkOnGpu(context, c);
  const expected = auxTopkReference(c.preActs, { n: c.d_sae, dead: c.dead, k_aux: c.k_aux });
  expect([...actual.latentIndices]).toEqual([...expected.latentIndices]);
  expect([...actual.latentActs]).toEqual([...expected.latentActs]);
}

/** The first and about `share` of the other latents, ascending. */
function someDead(d_sae: number, share: number): Uint32Array {
  const rng = makeRng(9);
  return range(d_sae).filter((latent) => latent === 0 || rng.next() < share);
}

describe.each(['software', 'gpu'] as const)('aux_topk, %s variant', (as) => {
  const cases: [string, AuxCase][] = [];
  for (const [rows, d_sae, k_aux] of [
    [1, 1, 1],
    [33, 130, 7],
    [5, 700, 64],
    [3, 65, 40],
  ] as const) {
    const shape = { rows, d_sae, k_aux, preActs: gaussian(rows * d_sae, 31) };
    const name = `B ${rows}, n ${d_sae}, k_aux ${k_aux}`;
    cases.push([`${name}: all dead`, { ...shape, dead: range(d_sae) }]);
    cases.push([`${name}: some dead`, { ...shape, dead: someDead(d_sae, 0.4) }]);
    cases.push([`${name}: one dead`, { ...shape, dead: range(d_sae).subarray(d_sae - 1) }]);
    const rng = makeRng(32);
    const ties = Float32Array.from({ length: rows * d_sae }, () => rng.below(5) - 1);
    cases.push([`${name}: ties`, { ...shape, preActs: ties, dead: someDead(d_sae, 0.7) }]);
    const silent = new Float32Array(rows * d_sae).fill(-0.5);
    cases.push([`${name}: silent`, { ...shape, preActs: silent, dead: range(d_sae) }]);
    const equal = new Float32Array(rows * d_sae).fill(2);
    cases.push([`${name}: all equal`, { ...shape, preActs: equal, dead: range(d_sae) }]);
  }
  for (const [name, c] of cases) gpuTest(name, (context) => expectSame(context, c), { as });

  gpuTest(
    'NaN, infinity, zeros of either sign, denormals',
    async (context) => {
      const preActs = gaussian(130, 33);
      preActs.set([NaN, Infinity, 0, -0, 1e-45, -Infinity, 1e-40], 20);
      await expectSame(context, { preActs, rows: 1, d_sae: 130, k_aux: 64, dead: range(130) });
    },
    { as },
  );

  gpuTest(
    'without dead latents nothing runs',
    async (context) => {
      const c = { preActs: gaussian(130, 34), rows: 1, d_sae: 130, k_aux: 4, dead: range(0) };
      const actual = await auxTopkOnGpu(context, c);
      expect([...actual.latentIndices]).toEqual([12345, 12345, 12345, 12345]);
      expect([...auxTopkReference(c.preActs, { n: 130, ...c }).latentIndices]).toEqual(
        Array(4).fill(EMPTY_SLOT),
      );
    },
    { as },
  );
});
