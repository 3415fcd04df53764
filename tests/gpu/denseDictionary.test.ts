// The quality gate of ReLU-L1, Gated and JumpReLU (sae.md §14): on data with known directions, the WGSL
// kernels find them as well as the reference does. All of it by hand, for it takes minutes:
// DICTIONARY_SEEDS=3 npm run test:gpu -- denseDictionary
import { expect, test, vi } from 'vitest';
import type { ArchitectureInput } from '../../src/core/architecture';
import { dictionaryConfig, makeDictionary } from '../helpers/dictionary';
import { gpuTest } from '../helpers/gpuTest';
import { markOnDictionary } from '../helpers/trainOnDictionary';

vi.setConfig({ testTimeout: 3_600_000 });

type Gate = { name: string; own: ArchitectureInput; mcc: number; fvu: readonly [number, number] };

/** fvu: the table's range, 10 % wider. */
const GATES: readonly Gate[] = [
  {
    name: 'relu',
    own: { architecture: 'relu', l1Coefficient: 1 },
    mcc: 0.995,
    fvu: [0.061, 0.063],
  },
  {
    name: 'gated',
    own: { architecture: 'gated', l1Coefficient: 2 },
    mcc: 0.985,
    fvu: [0.038, 0.04],
  },
  {
    name: 'jumprelu tanh',
    own: { architecture: 'jumprelu', mode: 'tanh', sparsityCoefficient: 3 },
    mcc: 0.98,
    fvu: [0.087, 0.106],
  },
  {
    name: 'jumprelu quadratic',
    own: { architecture: 'jumprelu', mode: 'quadratic', sparsityCoefficient: 10, targetL0: 5 },
    mcc: 0.995,
    fvu: [0.035, 0.036],
  },
];

const seeds = Number(process.env['DICTIONARY_SEEDS'] ?? 0);
const only = process.env['DICTIONARY_ONLY'];

for (const { name, own, mcc, fvu } of GATES) {
  if (seeds === 0 || (only !== undefined && only !== name)) {
    test.skip(`${name} finds the dictionary (set DICTIONARY_SEEDS)`, () => undefined);
    continue;
  }
  gpuTest(`${name} finds the dictionary`, async (context) => {
    const results = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const config = dictionaryConfig(seed, own);
      const { marks, metrics } = await markOnDictionary(context, makeDictionary(seed), config);
      expect(metrics.every((m) => Number.isFinite(m.loss) && m.nanCount === 0)).toBe(true);
      results.push({ seed, ...marks });
      console.log(name, context.adapter, JSON.stringify(results.at(-1)));
    }
    const median = (values: number[]) => values.sort((p, q) => p - q)[values.length >> 1]!;
    expect(median(results.map((r) => r.mcc))).toBeGreaterThanOrEqual(mcc);
    const middle = median(results.map((r) => r.fvu));
    expect(middle).toBeGreaterThan(0.9 * fvu[0]);
    expect(middle).toBeLessThan(1.1 * fvu[1]);
  });
}
