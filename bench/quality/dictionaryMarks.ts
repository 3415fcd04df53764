// The ground-truth dictionary (sae.md §14) on the WGSL kernels, one cached file per gate and seed.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dictionaryConfig, makeDictionary } from '../../tests/helpers/train/dictionary';
import { judgeGate, type DictionaryGate } from '../../tests/helpers/train/dictionaryGates';
import {
  markOnDictionary,
  type DictionaryMarks,
} from '../../tests/helpers/train/trainOnDictionary';
import type { SaeBackend } from '../../src/core/train/saeBackend';

export type GateSummary = {
  mcc: number;
  median: number;
  spread: number;
  fvu: number;
  gate: number;
  isMet: boolean;
};

export async function markGate(
  o: { cache: string; backend: () => Promise<SaeBackend>; seeds: readonly number[] },
  gate: DictionaryGate,
): Promise<GateSummary> {
  const marks: DictionaryMarks[] = [];
  for (const seed of o.seeds) {
    const path = join(o.cache, 'dictionary', `${gate.name}-${seed}.json`);
    if (!existsSync(path)) {
      console.error(`dictionary: ${gate.name} seed ${seed}`);
      const config = dictionaryConfig(seed, gate.own);
      const marked = await markOnDictionary(await o.backend(), makeDictionary(seed), config);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, JSON.stringify(marked.marks));
    }
    marks.push(JSON.parse(await readFile(path, 'utf8')) as DictionaryMarks);
  }
  const values = marks.map(({ mcc }) => mcc);
  const { mcc: median, fvu, isMet } = judgeGate(gate, marks);
  return {
    mcc: values.reduce((sum, value) => sum + value, 0) / values.length,
    spread: Math.max(...values) - Math.min(...values),
    median,
    fvu,
    gate: gate.mcc,
    isMet,
  };
}
