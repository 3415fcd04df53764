// npm run bench -- statistics [--json] [--tokens N]
// One statistics pass of the demo SAE over N counted tokens of the bundled corpus (2 M unless told; it is
// packed anew and read again as often as that takes). Prints what a pass costs; last, one line of JSON.
import { parseArgs } from 'node:util';
import { MAX_ENTRIES } from '../src/core/coActivation';
import { statisticsBytesPerLatent } from '../src/core/latentStatistics';
import type { PackedCorpus } from '../src/engine/corpusHost';
import { runStatisticsPass, STATISTICS_CONTEXT } from '../src/engine/statisticsPass';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { zipFiles } from '../src/formats/archive';
import { DEMO_FOLDER } from '../tests/helpers/nodeParts';
import { openSaeWithDemo } from './demoRecipe';

const TOKENS = 2_097_152;
const MEGABYTE = 1e6;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: String(TOKENS) },
    },
  });
  const opened = await openSaeWithDemo(await demoZip());
  const tokens = Number(values.tokens);
  const corpus = await repeatedCorpus(opened, tokens);
  const before = heapBytes();
  let peak = before;
  let reading: number | null = null;
  let readFor = 0;
  const statistics = await runStatisticsPass({
    ...opened,
    tokenizer: opened.model.tokenizer,
    corpus: corpus.packed,
    tokens,
    unembedding: await opened.modelHost.unembedding(),
    onProgress: (phase) => {
      peak = Math.max(peak, heapBytes());
      if (phase === 'Reading the corpus') {
        reading ??= performance.now();
        readFor = performance.now() - reading;
      }
      return Promise.resolve();
    },
  });
  peak = Math.max(peak, heapBytes());
  const report = {
    tokensPerSecond: Math.round(statistics.countedTokens / (readFor / 1000)),
    bytesPerLatent: statisticsBytesPerLatent(),
    peakHeapMB: Math.round(peak / MEGABYTE),
    beforeHeapMB: Math.round(before / MEGABYTE),
    estimateMB: Math.round(estimateBytes(opened.params.d_sae, tokens) / MEGABYTE),
    tokens: statistics.countedTokens,
    epochs: corpus.epochs,
    d_sae: opened.params.d_sae,
  };
  if (!values.json) console.table(report);
  console.log(JSON.stringify(report));
}

/** What a pass of TopK 32 holds at its end: state, archive with its token tables, sample of co-activations. */
function estimateBytes(d_sae: number, tokens: number): number {
  const archive = tokens * (32 * 4 + 12);
  return d_sae * statisticsBytesPerLatent() + archive + 4 * MAX_ENTRIES;
}

function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function demoZip(): Promise<Blob> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of ['cfg.json', 'sae_weights.safetensors']) {
    const blob = await openAsBlob(join(DEMO_FOLDER, 'sae', name));
    files.set(name, new Uint8Array(await blob.arrayBuffer()));
  }
  return new Blob([zipFiles(files)]);
}

/** The corpus as often as `tokens` ask for, in another order each time. */
async function repeatedCorpus(
  { corpusHost, model }: Awaited<ReturnType<typeof openSaeWithDemo>>,
  tokens: number,
): Promise<{ packed: PackedCorpus; epochs: number }> {
  const parts: PackedCorpus[] = [];
  const pack = (epoch: number) =>
    corpusHost.pack(model.tokenizer, 'all', {
      ...{ contextSize: STATISTICS_CONTEXT, seed: 0, epoch, leadWithBos: true },
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
