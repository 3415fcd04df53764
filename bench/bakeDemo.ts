// npm run bench -- bakeDemo [--from FOLDER] [--corpus FILE.jsonl] [--sae FILE.zip|FOLDER] [--hook HOOK] [--expansion N]
//   [--k N] [--tokens N] [--seed N] [--statistics N] [--guesses N] [--evaluate N] [--chosen FILE] [--text TEXT]
//   [--out FOLDER] [--cache FOLDER] [--keep FILE.zip] [--only sae|transcoders|text] [--transcoderTokens N]
//   [--transcoderExpansion N] [--transcoderK N] [--transcoderStatistics N]
//   [--transcoderGuesses N] [--transcoderEvaluate N]
// Makes every file of the demo in one go. --from: a checkpoint of nanochat (model_*.pt, meta_*.json, tokenizer.pkl) and
// its corpus.jsonl become the bundled ones; without it the present ones stay. Then: trains an SAE on them (or takes
// --sae), measures it on held-out text, counts statistics, guesses a label for every feature, and reads the text with
// which Start opens. Transcoders of all blocks are made the same way, without chosen features; --only makes one of the
// two, or reads the text alone, with the SAE that is there. --chosen names features by hand (docs/demo.md); without it, none. Last line: JSON.
import { openAsBlob, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseHookPoint } from '../src/core/activations/hookPoint';
import { takeDemo } from './demo/takeDemo';

const OUT = 'public/demo';
const PRESETS = 'src/ui/steer/tools/demoPresets.json';
/** A story that the demo model could have written, by names and things that its text is full of. It ends where anything can
 *  follow, so that each chosen feature, turned up, changes what does: `npm run bench -- demoTexts --chosen` counts. */
const FIRST_TEXT =
  'Once upon a time, there was a little girl named Lily. She liked to play under a big tree with her dog. She had a red ball. One day, the ball';

const OPTIONS = {
  from: { type: 'string' },
  corpus: { type: 'string' },
  sae: { type: 'string' },
  hook: { type: 'string' },
  expansion: { type: 'string' },
  k: { type: 'string' },
  tokens: { type: 'string' },
  seed: { type: 'string' },
  statistics: { type: 'string', default: '100000000' },
  guesses: { type: 'string', default: '200000' },
  evaluate: { type: 'string', default: '40000' },
  chosen: { type: 'string' },
  text: { type: 'string', default: FIRST_TEXT },
  out: { type: 'string', default: OUT },
  cache: { type: 'string', default: join(tmpdir(), 'nanoscope-bake') },
  keep: { type: 'string' },
  only: { type: 'string' },
  transcoderTokens: { type: 'string' },
  transcoderExpansion: { type: 'string' },
  transcoderK: { type: 'string' },
  transcoderStatistics: { type: 'string', default: '40960' },
  transcoderGuesses: { type: 'string', default: '30000' },
  transcoderEvaluate: { type: 'string', default: '8192' },
} as const;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: OPTIONS,
  });
  if (values.from !== undefined) {
    const { from, corpus = null } = values;
    await takeDemo({ from, corpus, demoFolder: OUT });
  }
  if (values.only === 'text') {
    const { bakeText } = await import('./demo/bakeText');
    await bakeText(values.out, values.text);
    return;
  }
  // Only now: the engine reads what takeDemo wrote as it loads.
  const { bakeSae } = await import('./demo/bakeSae');
  const { DEMO_RECIPE, zipSae } = await import('./demo/demoRecipe');
  const number = (value: string | undefined, otherwise: number) =>
    value === undefined ? otherwise : Number(value);
  const { hook = DEMO_RECIPE.hookPoint, sae } = values;
  parseHookPoint(hook);
  if (values.only !== 'sae') {
    const { bakeTranscoders, TRANSCODER_RECIPE } = await import('./demo/bakeTranscoders');
    const { sizes, alone, together } = await bakeTranscoders({
      out: values.out,
      cache: values.cache,
      form: {
        ...TRANSCODER_RECIPE,
        tokens: number(values.transcoderTokens, TRANSCODER_RECIPE.tokens),
        expansionFactor: number(values.transcoderExpansion, TRANSCODER_RECIPE.expansionFactor),
        k: number(values.transcoderK, TRANSCODER_RECIPE.k),
        seed: number(values.seed, TRANSCODER_RECIPE.seed),
      },
      tokens: {
        statistics: Number(values.transcoderStatistics),
        guesses: Number(values.transcoderGuesses),
        evaluate: Number(values.transcoderEvaluate),
      },
    });
    console.table(sizes);
    console.log(JSON.stringify({ alone, together: together.metrics }));
  }
  if (values.only === 'transcoders') return;
  const baked = await bakeSae({
    out: values.out,
    cache: values.cache,
    presetsFile: values.out === OUT ? PRESETS : null,
    sae:
      sae === undefined
        ? null
        : statSync(sae).isDirectory()
          ? await zipSae(sae)
          : await openAsBlob(sae),
    form: {
      ...DEMO_RECIPE,
      hookPoint: hook as typeof DEMO_RECIPE.hookPoint,
      expansionFactor: number(values.expansion, DEMO_RECIPE.expansionFactor),
      k: number(values.k, DEMO_RECIPE.k),
      tokens: number(values.tokens, DEMO_RECIPE.tokens),
      seed: number(values.seed, DEMO_RECIPE.seed),
    },
    tokens: {
      statistics: Number(values.statistics),
      guesses: Number(values.guesses),
      evaluate: Number(values.evaluate),
    },
    chosenFile: values.chosen ?? null,
    text: values.text,
  });
  if (values.keep !== undefined) {
    await writeFile(values.keep, new Uint8Array(await baked.zip.arrayBuffer()));
  }
  const { sizes, facts, heldOut, guesses } = baked;
  console.table(sizes);
  console.log(JSON.stringify({ saeId: facts.saeId, heldOut, guesses, bytes: sizes }));
}
