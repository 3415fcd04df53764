// From the bundled model to everything that ships with it: the SAE, its statistics with fewer examples, guesses for every
// feature, the chosen ones, and the first reading of Start. All through the engine's own commands, so that it runs on
// whatever the engine finds fastest here.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChosenFeature } from '../../src/core/statistics/chosenFeatures';
import type { ExampleCounts } from '../../src/core/statistics/exampleChoice';
import type { TrainForm } from '../../src/engine/train/api';
import { unzipFiles } from '../../src/formats/archives/archive';
import { formatSaeStatistics } from '../../src/formats/sae/saeStatistics';
import { startNodeEngine } from '../../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';
import { demoFacts } from './demoFacts';
import { trainIn } from './demoRecipe';
import { guessFigures } from './guessFigures';
import { measureSae, type BakeTokens } from './measureSae';
import { valueOf } from './outcome';
import { guessLines, json, thinned } from './shippedFiles';
import { presetsOf } from './presetsOf';
import { readFirst } from './readFirst';

/** Examples that ship: all for the chosen, and for the rest as many as the first 1.5 MB hold. */
const FEW_EXAMPLES: ExampleCounts = { top: 6, random: 2, perGroup: 1 };

export type BakeRequest = {
  /** where the files go */
  out: string;
  /** what was measured of an SAE before */
  cache: string;
  /** a zip of SAELens files; null: train one by `form` */
  sae: Blob | null;
  form: TrainForm;
  tokens: BakeTokens;
  /** null: none */
  chosenFile: string | null;
  /** presets of the Steer screen; null: they are not the product's */
  presetsFile: string | null;
  text: string;
};

export async function bakeSae(o: BakeRequest) {
  const parts = makeNodeParts();
  const node = await startNodeEngine(parts);
  const { engine } = node;
  const model = valueOf(await engine.model.open({ kind: 'demo' }));
  const made =
    o.sae === null
      ? await trainIn(node, o.form)
      : valueOf(await engine.sae.import([{ path: 'sae.zip', blob: o.sae }]));
  const sizes: Record<string, number> = {};
  const write = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(join(o.out, name), bytes);
    sizes[name] = Buffer.byteLength(bytes);
  };
  await mkdir(join(o.out, 'sae'), { recursive: true });

  const zip = valueOf(await engine.sae.export(made.saeId));
  let weights = new Uint8Array();
  for (const { path, blob } of await unzipFiles(zip, 'sae.zip')) {
    if (path !== 'cfg.json' && path !== 'sae_weights.safetensors') continue;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (path !== 'cfg.json') weights = bytes;
    await write(`sae/${path}`, bytes);
  }

  const { saeId, d_sae } = made;
  const measured = await measureSae(engine, parts, { ...o, saeId, d_sae, weights });
  const { heldOut, guesses, statistics } = measured;
  const chosen =
    o.chosenFile === null
      ? []
      : (JSON.parse(await readFile(o.chosenFile, 'utf8')) as ChosenFeature[]);
  await write(
    'sae/statistics.bin',
    await formatSaeStatistics(thinned(statistics, chosen, FEW_EXAMPLES)),
  );
  await write('sae/guesses.json', guessLines(guesses));
  await write('sae/chosen.json', json(chosen));

  const facts = demoFacts(made, {
    name: 'demo',
    weights,
    modelId: model.id,
    heldOut,
    counted: statistics.countedTokens,
  });
  await write('sae/facts.json', json(facts));
  await write('sae/recipe.json', json({ form: o.form, heldOut }));
  const reading = await readFirst(engine, { ...measured, saeId, text: o.text, chosen });
  const first = { ...reading, modelId: model.id, saeId: facts.saeId };
  await write('firstReading.json', `${JSON.stringify(first)}\n`);
  if (o.presetsFile !== null) await writeFile(o.presetsFile, json(presetsOf(chosen, facts)));
  return { sizes, facts, heldOut, guesses: guessFigures(guesses), zip };
}
