// The quality gate of a trainer (sae.md §14): on data with known directions, its kernels find them as well as the
// reference does. No language model.
import { expect, test, vi } from 'vitest';
import { dictionaryConfig, makeDictionary } from './dictionary';
import { DICTIONARY_GATES, judgeGate } from './dictionaryGates';
import type { BackendTest } from '../sae/saeBackends';
import { markOnDictionary, type DictionaryMarks } from './trainOnDictionary';

/** More by hand: DICTIONARY_SEEDS=3. */
const SEEDS = Array.from({ length: Number(process.env['DICTIONARY_SEEDS'] ?? 1) }, (_, i) => i + 1);
/** TopK; the others by hand: DICTIONARY_ARCHITECTURES=batchtopk,gated. */
const WANTED = (process.env['DICTIONARY_ARCHITECTURES'] ?? 'topk').split(',');

/** steps: of each training. */
export function dictionaryTests(declare: BackendTest, { steps }: { steps: number }): void {
  vi.setConfig({ testTimeout: 600_000 * SEEDS.length });

  test('every gate asked for is known', () => {
    expect(DICTIONARY_GATES.map(({ name }) => name)).toEqual(expect.arrayContaining(WANTED));
  });

  for (const gate of DICTIONARY_GATES.filter(({ name }) => WANTED.includes(name))) {
    declare(
      `${gate.name} finds its directions and leaves the reference’s share unexplained`,
      async (backend) => {
        const results: DictionaryMarks[] = [];
        for (const seed of SEEDS) {
          const config = dictionaryConfig(seed, gate.own, steps);
          const { marks, metrics } = await markOnDictionary(backend, makeDictionary(seed), config);
          expect(metrics.map((m) => m.step)).toEqual(Array.from({ length: steps }, (_, i) => i));
          expect(metrics.every((m) => Number.isFinite(m.loss) && m.nanCount === 0)).toBe(true);
          results.push(marks);
          console.log(backend.description, gate.name, `seed ${seed}`, JSON.stringify(marks));
        }
        const { mcc, fvu, isMet } = judgeGate(gate, results);
        expect(isMet, `median MCC ${mcc}, fvu ${fvu}`).toBe(true);
      },
    );
  }
}
