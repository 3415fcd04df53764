// Names and sizes of the model that ships with the page, so that the next one changes no test. It imports nothing, as
// Playwright's specs read it too.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const bundled = JSON.parse(
  // From where the tests run, as what is read below: a bundled fuzzer lies elsewhere than this file.
  readFileSync('src/engine/demo.json', 'utf8'),
) as { modelId: string; modelFiles: [string, string, string] };
const FOLDER = 'public/demo/nanochat-d4';
const [MODEL, META, TOKENIZER] = bundled.modelFiles;

export const DEMO_MODEL = {
  id: bundled.modelId,
  folder: FOLDER,
  model: MODEL,
  meta: META,
  names: [MODEL, META, TOKENIZER],
  byteLength: statSync(join(FOLDER, MODEL)).size,
  /** what the meta file says, read without any reader of ours */
  ...(JSON.parse(readFileSync(join(FOLDER, META), 'utf8')) as { step: number; val_bpb: number }),
};
