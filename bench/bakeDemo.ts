// npm run bench -- bakeDemo FILE.zip [--out FOLDER] [--tokens N] [--evaluate N]
// Makes public/demo/sae/ (or FOLDER) from an SAE that `quality --demo --keep FILE.zip` trained, or from a folder of
// SAELens files: these files, its facts and recipe, and the statistics of one pass over the whole bundled corpus (or N
// tokens of it). Last line: JSON.
import { openAsBlob, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SaeFacts } from '../src/engine/sae/api';
import { STATISTICS_CONTEXT } from '../src/core/statistics/statisticsMemory';
import { runStatisticsPass } from '../src/engine/statistics/statisticsPass';
import { unzipFiles } from '../src/formats/archives/archive';
import { parseSaeLens } from '../src/formats/sae/saelens';
import { formatSaeStatistics } from '../src/formats/sae/saeStatistics';
import { DEMO_FOLDER } from '../tests/helpers/nodeParts';
import {
  DEMO_RECIPE,
  evaluateOnHeldOut,
  HELD_OUT_TOKENS,
  openSaeWithDemo,
  zipSae,
} from './demo/demoRecipe';

/** Examples that ship: fewer than a pass keeps, for a page that opens fast. */
const BAKED_EXAMPLES = { top: 6, random: 3, perGroup: 1 };

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string', default: join(DEMO_FOLDER, 'sae') },
      tokens: { type: 'string', default: 'Infinity' },
      evaluate: { type: 'string', default: String(HELD_OUT_TOKENS) },
    },
  });
  const [file] = positionals;
  if (file === undefined) throw new Error('bakeDemo: give the zip that quality --keep wrote');
  const zip = statSync(file).isDirectory() ? await zipSae(file) : await openAsBlob(file);
  await mkdir(values.out, { recursive: true });
  const sizes: Record<string, number> = {};
  const write = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(join(values.out, name), bytes);
    sizes[name] = bytes.length;
  };
  const loose = await unzipFiles(zip, file);
  for (const { path, blob } of loose) {
    if (path === 'cfg.json' || path === 'sae_weights.safetensors') {
      await write(path, new Uint8Array(await blob.arrayBuffer()));
    }
  }

  const opened = await openSaeWithDemo(zip);
  const { params, model, modelHost, corpusHost } = opened;
  const statistics = await runStatisticsPass({
    ...opened,
    tokenizer: model.tokenizer,
    corpus: await corpusHost.pack(model.tokenizer, 'all', {
      contextSize: STATISTICS_CONTEXT,
      seed: 0,
      epoch: 0,
    }),
    tokens: Number(values.tokens),
    examples: BAKED_EXAMPLES,
    unembedding: await modelHost.unembedding(),
    onProgress: () => Promise.resolve(),
  });
  await write('statistics.bin', await formatSaeStatistics(statistics));

  const metrics = await evaluateOnHeldOut(zip, Number(values.evaluate));
  const { facts: trained } = await parseSaeLens(loose);
  const weights = loose.find(({ path }) => path === 'sae_weights.safetensors');
  const hash = createHash('sha256');
  hash.update(new Uint8Array((await weights?.blob.arrayBuffer()) ?? new ArrayBuffer()));
  const facts: SaeFacts = {
    saeId: `demo~${hash.digest('hex').slice(0, 12)}`,
    name: 'demo',
    modelId: model.facts.id,
    hookPoint: opened.hook,
    d_in: params.d_in,
    d_sae: params.d_sae,
    architecture: trained.architecture,
    k: trained.k,
    contextSize: trained.contextSize ?? 256,
    origin: 'demo',
    tokens: trained.tokens,
    explainedVariance: metrics.explainedVariance,
    l0: metrics.l0,
    deadFraction: metrics.deadFractionEval,
    statisticsTokens: statistics.countedTokens,
  };
  await write('facts.json', `${JSON.stringify(facts, null, 2)}\n`);
  await write(
    'recipe.json',
    `${JSON.stringify({ form: DEMO_RECIPE, heldOut: metrics }, null, 2)}\n`,
  );
  console.table(sizes);
  console.log(JSON.stringify({ out: values.out, bytes: sizes }));
}
