// One streaming pass of a folded SAE over the corpus: model → encoder → sparse code → statistics, then the
// windows of the strongest examples and the direct logits of every latent.
import { directLogits, directPathGain } from '../core/directLogits';
import { parseHookPoint, type HookPoint } from '../core/hookPoint';
import { addSparseCode, makeLatentStatistics } from '../core/latentStatistics';
import { addToArchive, archiveBytes, makeCodeArchive } from '../core/codeArchive';
import { cutLatentWindows, NO_TOKEN } from '../core/latentWindows';
import type { SaeParams } from '../core/sae';
import { RANKED_LOGITS, type LatentLogits, type SaeStatistics } from '../core/saeStatistics';
import type { SaeEncoder } from '../gpu/saeEncoder';
import type { ModelRuntime } from '../model/modelTypes';
import type { Tokenizer } from '../model/tokenizer';
import { forEachCapture } from './activationFeed';
import type { Progress } from './api';
import type { PackedCorpus } from './corpusHost';
import { readTensor } from './modelHost';

/** Tokens per sequence, each led by <|bos|> (interface.md 5). */
export const STATISTICS_CONTEXT = 128;
/** Examples kept per latent (interface.md 2.3, top group). */
export const EXAMPLES_PER_LATENT = 20;
/** The pass holds its sparse codes until the windows are cut; more tokens than fit here are not taken. */
const ARCHIVE_BYTES = 256 * 2 ** 20;

export async function runStatisticsPass(o: {
  params: SaeParams;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  corpus: PackedCorpus;
  /** counted tokens wanted */
  tokens: number;
  examplesPerLatent: number;
  unembedding: Float32Array;
  /** Called between batches; throws to cancel. */
  onProgress: (phase: string, done: number, total: number, unit: Progress['unit']) => Promise<void>;
}): Promise<SaeStatistics> {
  const { params, corpus } = o;
  const sequences = sequencesFor(corpus, o.tokens);
  const archive = makeCodeArchive({ contextSize: corpus.contextSize, sequences });
  const stats = makeLatentStatistics(params.d_sae);
  const { runtime, hook } = o;
  await forEachCapture({ runtime, hook, corpus }, async (captured, first, count) => {
    const taken = Math.min(count, sequences - first);
    const rows = captured.rows.filter((row) => row < taken * corpus.contextSize);
    const code = await o.encoder.encode(captured.activations, rows);
    const sequenceOf = rows.map((row) => first + Math.floor(row / corpus.contextSize));
    const positionOf = rows.map((row) => row % corpus.contextSize);
    addSparseCode(stats, code, sequenceOf, positionOf);
    const start = first * corpus.contextSize;
    archive.tokenIds.set(captured.tokenIds.subarray(0, taken * corpus.contextSize), start);
    addToArchive(
      archive,
      code,
      rows.map((row) => start + row),
    );
    const done = Math.min(first + count, sequences);
    await o.onProgress(
      'Reading the corpus',
      done * corpus.contextSize,
      sequences * corpus.contextSize,
      'tokens',
    );
    return done < sequences && archiveBytes(archive) < ARCHIVE_BYTES;
  });
  const windows = cutLatentWindows(stats, archive, o.examplesPerLatent);
  const logits = await latentLogits(o);
  return {
    d_sae: stats.d_sae,
    countedTokens: stats.countedTokens,
    fireCount: stats.fireCount,
    actSum: stats.actSum,
    maxAct: stats.maxAct,
    range: stats.range,
    histogram: stats.histogram,
    powerSums: stats,
    neighbours: null,
    windows,
    logits,
    tokenTexts: textsOf(o.tokenizer, [windows.tokenIds, logits.topIds, logits.bottomIds]),
  };
}

function sequencesFor(corpus: PackedCorpus, tokens: number): number {
  const wanted = Math.ceil(tokens / (corpus.contextSize - 1));
  return Math.max(1, Math.min(wanted, corpus.count));
}

async function latentLogits(o: {
  params: SaeParams;
  hook: HookPoint;
  runtime: ModelRuntime;
  unembedding: Float32Array;
  onProgress: (phase: string, done: number, total: number, unit: Progress['unit']) => Promise<void>;
}): Promise<LatentLogits> {
  const { d_in, d_sae, W_dec } = o.params;
  const { checkpoint } = o.runtime;
  const gain = await gainOf(o.runtime, o.hook);
  const logits: LatentLogits = {
    topIds: new Uint32Array(d_sae * RANKED_LOGITS),
    topValues: new Float32Array(d_sae * RANKED_LOGITS),
    bottomIds: new Uint32Array(d_sae * RANKED_LOGITS),
    bottomValues: new Float32Array(d_sae * RANKED_LOGITS),
  };
  for (let latent = 0; latent < d_sae; latent++) {
    const { top, bottom } = directLogits({
      unembedding: o.unembedding,
      direction: W_dec.subarray(latent * d_in, (latent + 1) * d_in),
      vocabSize: checkpoint.config.vocab_size,
      gain,
      count: RANKED_LOGITS,
    });
    const at = latent * RANKED_LOGITS;
    logits.topIds.set(
      top.map((token) => token.tokenId),
      at,
    );
    logits.topValues.set(
      top.map((token) => token.value),
      at,
    );
    logits.bottomIds.set(
      bottom.map((token) => token.tokenId),
      at,
    );
    logits.bottomValues.set(
      bottom.map((token) => token.value),
      at,
    );
    if (latent % 16 === 15)
      await o.onProgress('Reading the unembedding', latent + 1, d_sae, 'features');
  }
  return logits;
}

async function gainOf({ checkpoint }: ModelRuntime, hook: HookPoint): Promise<number> {
  const { revision, config } = checkpoint;
  const lambdas = revision.hasResidualScalars
    ? await readTensor(checkpoint, 'resid_lambdas')
    : new Float32Array(config.n_layer).fill(1);
  const backout = revision.hasBackout
    ? (await readTensor(checkpoint, 'backout_lambda'))[0]
    : undefined;
  return directPathGain(parseHookPoint(hook).layer, lambdas, backout ?? 0);
}

function textsOf(tokenizer: Tokenizer, idLists: Uint32Array[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const ids of idLists) {
    for (const id of ids) {
      if (id !== NO_TOKEN && !texts.has(id)) texts.set(id, tokenizer.tokenText(id));
    }
  }
  return texts;
}
