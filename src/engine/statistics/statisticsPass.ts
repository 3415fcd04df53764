// One streaming pass of a folded SAE over the corpus: model → encoder → sparse code → statistics. Direct
// logits and decoder neighbours come first, so that every preview is a complete dashboard.
import { topPartners } from '../../core/statistics/coActivation';
import {
  addToArchive,
  archiveBytes,
  makeCodeArchive,
  type CodeArchive,
} from '../../core/statistics/codeArchive';
import { FULL_EXAMPLES } from '../../core/statistics/exampleChoice';
import type { HookPoint } from '../../core/activations/hookPoint';
import { cutLatentExamples } from '../../core/statistics/latentExamples';
import {
  addSparseCode,
  makeLatentStatistics,
  TOP_TOKENS,
  type LatentStatistics,
} from '../../core/statistics/latentStatistics';
import type { SaeParams } from '../../core/sae/sae';
import {
  NO_LOGITS,
  type LatentLogits,
  type LatentNeighbours,
  type SaeStatistics,
} from '../../core/statistics/saeStatistics';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import { countedUnit, forEachCapture } from '../activations/activationFeed';
import type { Progress } from '../shared/api';
import type { PackedCorpus } from '../text/corpusHost';
import { decoderNeighbours } from './decoderNeighbours';
import { latentLogits } from '../sae/latentLogits';

/** Counted tokens before the first preview, so that there is something to look at after a moment. */
const FIRST_PREVIEW = 2048;
/** The next preview comes when twice as many are counted, or this many more. */
const PREVIEW_TOKENS = 65_536;
/** The pass keeps its sparse codes until examples are cut, so it reads at most as many tokens as fit here. At
 *  4 bytes an entry these are 2 M tokens of 32 latents. */
const ARCHIVE_BYTES = 256 * 2 ** 20;

/** Statistics of the tokens so far; costs a scan of the archive. */
type MakeStatistics = () => SaeStatistics;

export type StatisticsPass = {
  backend: SaeBackend;
  params: SaeParams;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  corpus: PackedCorpus;
  /** counted tokens wanted */
  tokens: number;
  /** empty: rows of a file, which promote no token */
  unembedding: Float32Array;
  /** strongest examples kept of each latent, at most TOP_TOKENS; default FULL_EXAMPLES.top */
  topKept?: number;
  /** Called between batches; throws to cancel. */
  onProgress: (phase: string, done: number, total: number, unit: Progress['unit']) => Promise<void>;
  /** goal: counted and special tokens of the whole pass; `make` is valid while the pass runs */
  onPreview?: (o: { seen: number; goal: number; make: MakeStatistics }) => Promise<void>;
};

export async function runStatisticsPass(o: StatisticsPass): Promise<SaeStatistics> {
  const { d_sae } = o.params;
  const relations = {
    logits: await logitsOf(o),
    neighbours: await decoderNeighbours(o.backend, o.params, (done) =>
      o.onProgress('Comparing decoder directions', done, d_sae, 'features'),
    ),
  };
  const { stats, archive } = await readCorpus(o, relations);
  return finish(o, stats, archive, relations);
}

async function logitsOf(o: StatisticsPass): Promise<LatentLogits> {
  if (o.unembedding.length === 0) return NO_LOGITS;
  return latentLogits({
    ...o,
    checkpoint: o.runtime.checkpoint,
    onProgress: (done) =>
      o.onProgress('Reading what features promote', done, o.params.d_sae, 'features'),
  });
}

type Relations = { logits: LatentLogits; neighbours: LatentNeighbours };

async function readCorpus(o: StatisticsPass, relations: Relations) {
  const { corpus, runtime, hook } = o;
  const { contextSize } = corpus;
  const { d_sae } = o.params;
  const sequences = sequencesFor(corpus, o.tokens);
  const goal = sequences * contextSize;
  const archive = makeCodeArchive({ contextSize, sequences, d_sae });
  const stats = makeLatentStatistics({ d_sae, contextSize });
  let next = FIRST_PREVIEW;
  await forEachCapture({ runtime, hook, corpus }, async (captured, first, count) => {
    const taken = Math.min(count, sequences - first) * contextSize;
    const start = first * contextSize;
    const rows = captured.rows.filter((row) => row < taken);
    const tokens = rows.map((row) => start + row);
    const code = await o.encoder.encode(captured.activations, rows);
    addSparseCode(stats, code, tokens);
    stats.excludedTokens += taken - rows.length;
    archive.tokenIds.set(captured.tokenIds.subarray(0, taken), start);
    addToArchive(archive, code, tokens);
    const seen = start + taken;
    await tellRead(o, seen, goal);
    const goesOn = seen < goal && archiveBytes(archive) < ARCHIVE_BYTES;
    if (goesOn && stats.countedTokens >= next) {
      next = stats.countedTokens + Math.min(stats.countedTokens, PREVIEW_TOKENS);
      await o.onPreview?.({ seen, goal, make: () => finish(o, stats, archive, relations) });
    }
    return goesOn;
  });
  return { stats, archive };
}

/** A sequence of rows is a mark, which nobody counts, and one row. */
async function tellRead(
  { runtime, corpus, onProgress }: StatisticsPass,
  seen: number,
  goal: number,
) {
  if (countedUnit(runtime) === 'tokens') {
    await onProgress('Reading the corpus', seen, goal, 'tokens');
  } else {
    const [done, total] = [seen / corpus.contextSize, goal / corpus.contextSize];
    await onProgress('Reading the rows', done, total, 'rows');
  }
}

function finish(
  o: StatisticsPass,
  stats: LatentStatistics,
  archive: CodeArchive,
  { logits, neighbours }: Relations,
): SaeStatistics {
  const { d_sae } = stats;
  const top = o.topKept ?? FULL_EXAMPLES.top;
  const examples = cutLatentExamples(stats, archive, { ...FULL_EXAMPLES, top });
  const strongest = Float32Array.from(
    { length: d_sae },
    (_, latent) => stats.top.acts[latent * TOP_TOKENS] ?? 0,
  );
  return {
    d_sae,
    countedTokens: stats.countedTokens,
    // Copies, because a preview must not change while the pass continues.
    fireCount: stats.fireCount.slice(),
    actSum: stats.actSum.slice(),
    maxAct: strongest,
    range: stats.range.slice(),
    histogram: stats.histogram.slice(),
    examples,
    topKept: top,
    logits,
    details: {
      excludedTokens: stats.excludedTokens,
      powerSums: {
        actSum2: stats.actSum2.slice(),
        actSum3: stats.actSum3.slice(),
        actSum4: stats.actSum4.slice(),
      },
      neighbours,
      partners: topPartners(stats.coActivations),
    },
    tokenTexts: textsOf(o.tokenizer, [examples.tokenIds, logits.topIds, logits.bottomIds]),
  };
}

function sequencesFor(corpus: PackedCorpus, tokens: number): number {
  const wanted = Math.ceil(tokens / (corpus.contextSize - 1));
  return Math.max(1, Math.min(wanted, corpus.count));
}

function textsOf(tokenizer: Tokenizer, idLists: Uint32Array[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const ids of idLists) {
    for (const id of ids) if (!texts.has(id)) texts.set(id, tokenizer.tokenText(id));
  }
  return texts;
}
