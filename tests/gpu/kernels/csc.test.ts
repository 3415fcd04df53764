// The csc kernels against their twin: exact, whatever order the scatter took.
import { describe, expect } from 'vitest';
import { cscReference, type Csc, type GradedCode } from '../../../src/core/reference/csc';
import { createBufferSet, readU32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { prepareCscScan } from '../../../src/gpu/kernels/cscScan';
import { prepareCscSlots } from '../../../src/gpu/kernels/cscSlots';
import { prepareListSort } from '../../../src/gpu/kernels/cscSortLong';
import { deadBuffer } from '../../../src/gpu/kernels/deadUpdate';
import { gpuTest } from '../../helpers/device/gpuTest';
import {
  casePlan,
  describeShape,
  randomCode,
  range,
  SHAPES,
  type CaseShape,
} from '../../helpers/train/trainerCase';

async function cscOnGpu(
  context: GpuContext,
  shape: CaseShape,
  o: { main: GradedCode; aux: GradedCode; dead: Uint32Array },
): Promise<Csc> {
  const plan = casePlan(context, shape);
  const set = createBufferSet(context, 'test');
  const code = {
    latentIndices: set.storage('latentIndices', o.main.latentIndices),
    auxIndices: set.storage('auxIndices', o.aux.latentIndices),
  };
  const dead = set.storage('dead', deadBuffer(o.dead, plan));
  const counts = set.storage('counts', 4 * plan.d_sae);
  const slots = set.storage('slots', 4 * plan.slots);
  const words = plan.entriesAt + 3 * plan.slots;
  const csc = set.storage('csc', 4 * words);
  const byLatent = { ...code, dead, csc, counts, slots };
  const count = (await prepareCscSlots(context, plan, 'count')).bind(byLatent);
  const scan = (await prepareCscScan(context, plan)).bind({ counts, csc });
  const scatter = (await prepareCscSlots(context, plan, 'scatter')).bind(byLatent);
  const sort = (await prepareListSort(context, plan)).bind({
    ...code,
    latentActs: set.storage('latentActs', o.main.latentActs),
    auxActs: set.storage('auxActs', o.aux.latentActs),
    preActGrad: set.storage('preActGrad', o.main.preActGrad),
    auxPreActGrad: set.storage('auxPreActGrad', o.aux.preActGrad),
    slots,
    csc,
  });
  submitPass(context, 'csc', (pass) => {
    count.encode(pass);
    scan.encode(pass);
    scatter.encode(pass);
    for (const { record } of sort) record(pass);
  });
  const read = await readU32(context, csc, words);
  return parseCsc(read, { n: plan.d_sae, entriesAt: plan.entriesAt });
}

function parseCsc(words: Uint32Array, o: { n: number; entriesAt: number }): Csc {
  const floats = new Float32Array(words.buffer);
  const entries = Array.from({ length: words[o.n]! }, (_, i) => {
    const at = o.entriesAt + 3 * i;
    return { row: words[at]!, act: floats[at + 1]!, delta: floats[at + 2]! };
  });
  return { offsets: words.slice(0, o.n + 1), entries };
}

describe.each(['software', 'gpu'] as const)('csc, %s variant', (as) => {
  for (const shape of SHAPES) {
    const { rows, d_sae, k } = shape;
    const k_aux = shape.k_aux!;
    const everyOther = range(d_sae).filter((latent) => latent % 2 === 1);
    const cases: [string, Uint32Array, boolean][] = [
      ['no dead', range(0), false],
      ['half dead', everyOther, false],
      ['all dead, all slots', range(d_sae), true],
    ];
    for (const [name, dead, full] of cases) {
      gpuTest(
        `${describeShape(shape)}: ${name}`,
        async (context) => {
          const main = randomCode({ rows, k, among: range(d_sae), seed: 51, full });
          // Without dead latents AuxK's slots are the previous step's and must be left out.
          const among = dead.length === 0 ? range(d_sae) : dead;
          const aux = randomCode({ rows, k: k_aux, among, seed: 52, full });
          const expected = cscReference(main, dead.length === 0 ? null : aux, d_sae);
          expect(await cscOnGpu(context, shape, { main, aux, dead })).toEqual(expected);
        },
        { as },
      );
    }
  }
});

describe.each(['software', 'gpu'] as const)('long lists of csc, %s variant', (as) => {
  // 300 rows: all lists are longer than 256, or only those of the two latents that AuxK adds to.
  for (const full of [true, false]) {
    gpuTest(
      `${full ? 'all' : 'two'} keep their rows in order`,
      async (context) => {
        const shape = { rows: 300, d_in: 4, d_sae: 9, k: 9, k_aux: 2 };
        const main = randomCode({ rows: 300, k: 9, among: range(9), seed: 53, full });
        const aux = randomCode({ rows: 300, k: 2, among: range(2), seed: 54, full: true });
        const expected = cscReference(main, aux, 9);
        const lengths = [...range(9)].map((i) => expected.offsets[i + 1]! - expected.offsets[i]!);
        expect(lengths.filter((length) => length > 256)).toHaveLength(full ? 9 : 2);
        expect(await cscOnGpu(context, shape, { main, aux, dead: range(2) })).toEqual(expected);
      },
      { as },
    );
  }
});
