// Takes a checkpoint of nanochat and a text as what ships with the page: copies them to public/demo and writes
// src/engine/demo.json, by which the product knows them. It must run before the engine is loaded, which reads that file.
import { openAsBlob } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { identifyModel } from '../../src/engine/model/modelIdentity';
import { hashDocuments, sampleOf } from '../../src/engine/text/corpusIdentity';
import { parseJsonl } from '../../src/formats/text/corpus';
import { readNanochatFolder } from '../../src/formats/model/nanochatFolder';

const FACTS = new URL('../../src/engine/demo.json', import.meta.url);

/** from: a folder of model_*.pt, meta_*.json and tokenizer.pkl, or one with such a folder in it; corpus: JSON lines
 *  with `text`. The model of the highest step is taken. */
export async function takeDemo(o: {
  from: string;
  corpus: string | null;
  demoFolder: string;
}): Promise<void> {
  const source = await modelFolder(o.from);
  const corpus = o.corpus ?? join(o.from, 'corpus.jsonl');
  const names = await chosenFiles(source);
  const target = join(o.demoFolder, 'nanochat-d4');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const name of names) await copyFile(join(source, name), join(target, name));
  await copyFile(corpus, join(o.demoFolder, 'corpus.jsonl'));

  const files = await Promise.all(
    names.map(async (name) => ({
      path: `nanochat-d4/${name}`,
      blob: await openAsBlob(join(target, name)),
    })),
  );
  const { checkpoint, tokenizer } = await readNanochatFolder(files);
  const id = await identifyModel(checkpoint, tokenizer, () => Promise.resolve());
  const documents = parseJsonl(await readFile(corpus, 'utf8'));
  const facts = {
    modelId: `demo~${id}`,
    modelFiles: names,
    corpus: {
      id: `demo~${await hashDocuments(documents)}`,
      name: 'demo',
      documents: documents.length,
      characters: documents.reduce((sum, text) => sum + text.length, 0),
      sample: sampleOf(documents),
    },
  };
  await writeFile(
    fileURLToPath(FACTS),
    await format(JSON.stringify(facts), { parser: 'json', printWidth: 100 }),
  );
}

/** The folder itself, or the first of its folders that holds a checkpoint. */
async function modelFolder(from: string): Promise<string> {
  const isModel = (name: string) => /^model_\d+\.pt$/.test(name);
  if ((await readdir(from)).some(isModel)) return from;
  for (const entry of (await readdir(from, { withFileTypes: true })).filter((one) =>
    one.isDirectory(),
  )) {
    const folder = join(from, entry.name);
    if ((await readdir(folder)).some(isModel)) return folder;
  }
  throw new Error(`bakeDemo: no model_*.pt in ${from} or in a folder of it`);
}

async function chosenFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const model = names
    .filter((name) => /^model_\d+\.pt$/.test(name))
    .sort()
    .at(-1);
  const step = basename(model ?? '', '.pt').slice('model_'.length);
  const wanted = [`model_${step}.pt`, `meta_${step}.json`, 'tokenizer.pkl'];
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`bakeDemo: ${folder} lacks ${missing.join(', ')}`);
  return wanted;
}
