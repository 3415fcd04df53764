// Measures one folded SAE on held-out text with the model in the loop: untouched, SAE spliced in where it writes (a
// transcoder in its MLP's place, an SAE where it reads), that place zeroed, over the same sequences and positions.
// Decodes from the sparse code, so it knows no architecture; evaluationHost shows and stores the numbers.
import type { SaeMetrics } from '../../core/evaluate/evaluation';
import type { Matrix } from '../../core/handles';
import { writePoint, type HookPoint } from '../../core/activations/hookPoint';
import { encoderDecoderCosine } from '../../core/evaluate/metrics/weightMetrics';
import {
  addLanguage,
  finishLanguage,
  makeLanguageSums,
  type LanguageMetrics,
  type LanguageSums,
} from '../../core/evaluate/metrics/languageMetrics';
import {
  addReconstruction,
  finishReconstruction,
  makeReconstructionSums,
  type ReconstructionSums,
} from '../../core/evaluate/metrics/reconstructionMetrics';
import {
  addSparsity,
  finishSparsity,
  makeSparsitySums,
  type SparsitySums,
} from '../../core/evaluate/metrics/sparsityMetrics';
import { reconstruct } from '../../core/evaluate/reconstruction';
import { invariant } from '../../core/errors';
import type { SaeParams, SparseCode } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { Edit, ModelRuntime } from '../../model/modelTypes';
import type { PackedCorpus } from '../text/corpusHost';
import { readBatch, replaceBy, sequencesPerPass, takeRows, withRows } from './evaluationBatch';

export type EvaluationPass = {
  params: SaeParams;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  /** held-out sequences */
  corpus: PackedCorpus;
  /** counted tokens wanted; the pass ends with the sequence that reaches them, or with the text */
  tokens: number;
  readMatrix: (x: Matrix) => Promise<Float32Array>;
  /** Called after every batch with the counted tokens so far; throws to cancel. */
  onBatch: (done: number, measured: () => SaeMetrics) => Promise<void>;
};

type Sums = {
  reconstruction: ReconstructionSums;
  sparsity: SparsitySums;
  language: LanguageSums;
};

/** Throws what the model, the encoder or `onBatch` throws; `onBatch` has then received the metrics so far. */
export async function evaluateSae(o: EvaluationPass): Promise<SaeMetrics> {
  const { params, corpus } = o;
  const sums: Sums = {
    reconstruction: makeReconstructionSums(params.d_in),
    sparsity: makeSparsitySums(params.d_sae),
    language: makeLanguageSums(),
  };
  const cosine = encoderDecoderCosine(params);
  const measured = (): SaeMetrics => ({
    ...finishReconstruction(sums.reconstruction),
    ...finishSparsity(sums.sparsity),
    ...(o.runtime.predicts === false ? NO_LANGUAGE : finishLanguage(sums.language)),
    encoderDecoderCosine: cosine,
  });
  const { predicts, checkpoint } = o.runtime;
  // Without logits a vocabulary takes no room.
  const vocabSize = predicts === false ? 1 : checkpoint.config.vocab_size;
  const perPass = sequencesPerPass(corpus.contextSize, vocabSize);
  for (let first = 0; first < corpus.count;) {
    const left = o.tokens - sums.sparsity.tokens;
    if (left <= 0) break;
    // No more sequences than still needed, so that the last batch stops near the budget.
    const wanted = Math.ceil(left / corpus.contextSize);
    const count = Math.min(perPass, corpus.count - first, wanted);
    await measureBatch(o, sums, first, count);
    first += count;
    await o.onBatch(sums.sparsity.tokens, measured);
  }
  return measured();
}

/** Where nothing predicts: figures of no position are not numbers. */
const NO_LANGUAGE: LanguageMetrics = {
  positions: 0,
  ceClean: NaN,
  ceWithSae: NaN,
  ceAblated: NaN,
  ceIncrease: NaN,
  ceLossRecovered: null,
  klWithSae: NaN,
  klAblated: NaN,
  klScore: null,
};

/** Lets readers see a place without predicting anything; what they write back goes nowhere. */
async function visitCapture(
  runtime: ModelRuntime,
  tokenIds: Int32Array,
  count: number,
  readers: readonly Edit[],
): Promise<void> {
  const capture = await runtime.capture(
    tokenIds,
    count,
    readers.map(({ hook }) => hook),
  );
  const place = { lanes: count, length: tokenIds.length / count, position: 0 };
  try {
    for (const { hook, apply } of readers) {
      const x = capture.hooks.get(hook);
      invariant(x !== undefined, `${hook} was not captured`);
      await apply(x, place);
    }
  } finally {
    capture.release();
  }
}

async function measureBatch(
  o: EvaluationPass,
  sums: Sums,
  first: number,
  count: number,
): Promise<void> {
  const { params, runtime, hook } = o;
  const batch = readBatch(o.corpus, first, count);
  const place = writePoint(hook);
  let code: SparseCode | null = null;
  /** values at the place in the other two conditions, [count · contextSize, d_in] */
  let spliced = new Float32Array();
  let zeroed = new Float32Array();
  const read: Edit = {
    hook,
    async apply(x) {
      code = await o.encoder.encode(x, batch.rows);
      return x;
    },
  };
  const compare: Edit = {
    hook: place,
    async apply(x) {
      invariant(code !== null, 'what is read comes before what is rebuilt');
      const all = await o.readMatrix(x);
      const target = takeRows(all, batch.rows, params.d_in);
      const saeOut = reconstruct(params, code, batch.rows.length);
      addReconstruction(sums.reconstruction, target, saeOut);
      addSparsity(sums.sparsity, code, batch.rows.length);
      // Special tokens keep their values.
      spliced = withRows(all, batch.rows, params.d_in, saeOut);
      zeroed = withRows(all, batch.rows, params.d_in, null);
      return x;
    },
  };
  if (runtime.predicts === false) {
    await visitCapture(runtime, batch.tokenIds, count, [read, compare]);
    return;
  }
  const clean = await runtime.logits(batch.tokenIds, count, [read, compare]);
  const withSae = await runtime.logits(batch.tokenIds, count, [replaceBy(place, () => spliced)]);
  const ablated = await runtime.logits(batch.tokenIds, count, [replaceBy(place, () => zeroed)]);
  addLanguage(
    sums.language,
    { clean, withSae, ablated },
    {
      vocabSize: runtime.checkpoint.config.vocab_size,
      rows: batch.predicting,
      targets: batch.targets,
    },
  );
}
