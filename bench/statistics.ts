// npm run bench -- statistics [--json] [--tokens N] [--collections 100]
// One statistics pass of the demo SAE over N counted tokens of the bundled corpus (2 M unless told; it is
// packed anew and read again as often as that takes). Prints what a pass costs; last, one line of JSON.
import { parseArgs } from 'node:util';
import { statisticsBytesPerLatent } from '../src/core/statistics/latentStatistics';
import { STATISTICS_CONTEXT, statisticsMemory } from '../src/core/statistics/statisticsMemory';
import type { PackedCorpus } from '../src/engine/text/corpusHost';
import { runStatisticsPass } from '../src/engine/statistics/statisticsPass';
import { join } from 'node:path';
import { DEMO_FOLDER } from '../tests/helpers/engine/nodeParts';
import { openSaeWithDemo, zipSae } from './demo/demoRecipe';
import { liveHeapBytes } from '../tests/helpers/liveHeap';

const TOKENS = 2_097_152;
const MEGABYTE = 1e6;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: String(TOKENS) },
      collections: { type: 'string', default: '100' },
    },
  });
  const opened = await openSaeWithDemo(await zipSae(join(DEMO_FOLDER, 'sae')));
  const tokens = Number(values.tokens);
  const collections = Number(values.collections);
  const corpus = await repeatedCorpus(opened, tokens);
  const before = liveHeapBytes();
  let peak = before;
  let looked = 0;
  let reading: number | null = null;
  let readFor = 0;
  const statistics = await runStatisticsPass({
    ...opened,
    tokenizer: opened.model.tokenizer,
    corpus: corpus.packed,
    tokens,
    unembedding: await opened.modelHost.unembedding(),
    onProgress: (phase, done, total) => {
      // A collection costs a tenth of a second: so many a phase.
      if (done - looked > total / collections || done < looked) {
        looked = done;
        peak = Math.max(peak, liveHeapBytes());
      }
      if (phase === 'Reading the corpus') {
        reading ??= performance.now();
        readFor = performance.now() - reading;
      }
      return Promise.resolve();
    },
  });
  peak = Math.max(peak, liveHeapBytes());
  const { params } = opened;
  if (params.architecture !== 'topk') throw new Error('the demo SAE is a TopK one');
  const { d_sae, d_in, k } = params;
  const estimate = statisticsMemory({
    d_sae,
    d_in,
    active: k,
    tokens: statistics.countedTokens,
    contextSize: STATISTICS_CONTEXT,
  });
  const report = {
    tokensPerSecond: Math.round(statistics.countedTokens / (readFor / 1000)),
    bytesPerLatent: statisticsBytesPerLatent(),
    peakHeapMB: Math.round(peak / MEGABYTE),
    beforeHeapMB: Math.round(before / MEGABYTE),
    grownMB: Math.round((peak - before) / MEGABYTE),
    estimateMB: Math.round(estimate / MEGABYTE),
    tokens: statistics.countedTokens,
    epochs: corpus.epochs,
    d_sae,
  };
  if (!values.json) console.table(report);
  console.log(JSON.stringify(report));
}

/** The corpus as often as `tokens` ask for, in another order each time. */
async function repeatedCorpus(
  { corpusHost, model }: Awaited<ReturnType<typeof openSaeWithDemo>>,
  tokens: number,
): Promise<{ packed: PackedCorpus; epochs: number }> {
  const parts: PackedCorpus[] = [];
  const pack = (epoch: number) =>
    corpusHost.pack(model.tokenizer, 'all', {
      contextSize: STATISTICS_CONTEXT,
      seed: 0,
      epoch,
    });
  let count = 0;
  while (count * (STATISTICS_CONTEXT - 1) < tokens) {
    const part = await pack(parts.length);
    parts.push(part);
    count += part.count;
  }
  const per = parts[0]?.count ?? 1;
  const partOf = (index: number) => {
    const part = parts[Math.floor(index / per)];
    if (part === undefined || part.count !== per) throw new Error('epochs differ in length');
    return part;
  };
  const packed: PackedCorpus = {
    contextSize: STATISTICS_CONTEXT,
    count,
    sequence: (index) => partOf(index).sequence(index % per),
    countedPositions: (index) => partOf(index).countedPositions(index % per),
  };
  return { packed, epochs: parts.length };
}
