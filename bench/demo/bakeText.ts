// The text that Start opens on, read anew with what ships of the SAE: seconds, where a bake of the SAE takes minutes. The
// cards of its features are made of the examples that ship.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChosenFeature } from '../../src/core/statistics/chosenFeatures';
import type { LabelGuess } from '../../src/core/statistics/latentLabel';
import { parseSaeStatistics } from '../../src/formats/sae/saeStatistics';
import { startNodeEngine } from '../../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';
import { valueOf } from './outcome';
import { readFirst } from './readFirst';

/** Of the demo as it is in `out`; writes firstReading.json and nothing else. */
export async function bakeText(out: string, text: string): Promise<void> {
  const { engine } = await startNodeEngine(makeNodeParts());
  const { id: modelId } = valueOf(await engine.model.open({ kind: 'demo' }));
  const sae = (await engine.sae.list()).find(({ origin }) => origin === 'demo');
  if (sae === undefined) throw new Error(`bakeDemo: no SAE in ${out}`);
  const { saeId, d_sae } = sae;
  const read = async <T>(name: string) =>
    JSON.parse(await readFile(join(out, 'sae', name), 'utf8')) as T;
  const bytes = Uint8Array.from(await readFile(join(out, 'sae/statistics.bin')));
  const reading = await readFirst(engine, {
    text,
    saeId,
    chosen: await read<ChosenFeature[]>('chosen.json'),
    guesses: await read<LabelGuess[]>('guesses.json'),
    statistics: await parseSaeStatistics(bytes, d_sae),
  });
  const first = { ...reading, modelId, saeId };
  await writeFile(join(out, 'firstReading.json'), `${JSON.stringify(first)}\n`);
}
