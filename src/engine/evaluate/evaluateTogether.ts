// Measures several transcoders at once, one a block, each in its MLP's place: what the model's predictions are when every
// one of them reads what the others have changed. That is the model an attribution graph explains; each alone may do well
// where all together do not.
import { isTranscoderPoint, writePoint, type HookPoint } from '../../core/activations/hookPoint';
import {
  addLanguage,
  finishLanguage,
  makeLanguageSums,
  type LanguageMetrics,
} from '../../core/evaluate/metrics/languageMetrics';
import { reconstruct } from '../../core/evaluate/reconstruction';
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import type { SaeParams, SparseCode } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { Edit, ModelRuntime } from '../../model/modelTypes';
import type { PackedCorpus } from '../text/corpusHost';
import { readBatch, sequencesPerPass, withRows } from './evaluationBatch';

export type Spliced = { params: SaeParams; hook: HookPoint; encoder: SaeEncoder };

/** Those of the list that can be measured together: transcoders of at least two blocks, one each; otherwise none. */
export function measuredTogether<T extends { hookPoint: HookPoint }>(saes: readonly T[]): T[] {
  const transcoders = saes.filter(({ hookPoint }) => isTranscoderPoint(hookPoint));
  const places = new Set(transcoders.map(({ hookPoint }) => hookPoint));
  return places.size === transcoders.length && places.size > 1 ? transcoders : [];
}

/** Over the same sequences and positions as each alone (`evaluateSae`): untouched, all spliced in, all those MLPs
 *  silent. Special tokens keep what their MLPs write. Throws what the model, an encoder or `onBatch` throws. */
export async function evaluateTogether(o: {
  transcoders: readonly Spliced[];
  runtime: ModelRuntime;
  /** held-out sequences */
  corpus: PackedCorpus;
  /** counted tokens wanted; the pass ends with the sequence that reaches them, or with the text */
  tokens: number;
  readMatrix: (x: Matrix) => Promise<Float32Array>;
  /** Called after every batch with the counted tokens so far; throws to cancel. */
  onBatch: (done: number) => Promise<void>;
}): Promise<LanguageMetrics> {
  const { corpus, runtime } = o;
  const { vocab_size: vocabSize } = runtime.checkpoint.config;
  const sums = makeLanguageSums();
  const perPass = sequencesPerPass(corpus.contextSize, vocabSize);
  let seen = 0;
  for (let first = 0; first < corpus.count && seen < o.tokens;) {
    const wanted = Math.ceil((o.tokens - seen) / corpus.contextSize);
    const count = Math.min(perPass, corpus.count - first, wanted);
    const batch = readBatch(corpus, first, count);
    const edits = (isSilent: boolean) =>
      o.transcoders.flatMap((one) => spliceEdits(one, batch.rows, o.readMatrix, isSilent));
    const clean = await runtime.logits(batch.tokenIds, count);
    const withSae = await runtime.logits(batch.tokenIds, count, edits(false));
    const ablated = await runtime.logits(batch.tokenIds, count, edits(true));
    addLanguage(
      sums,
      { clean, withSae, ablated },
      { vocabSize, rows: batch.predicting, targets: batch.targets },
    );
    first += count;
    seen += batch.rows.length;
    await o.onBatch(seen);
  }
  return finishLanguage(sums);
}

/** Reads where the transcoder reads and, in the same pass, writes where it writes. */
function spliceEdits(
  { params, hook, encoder }: Spliced,
  rows: Uint32Array,
  readMatrix: (x: Matrix) => Promise<Float32Array>,
  isSilent: boolean,
): Edit[] {
  let code: SparseCode | null = null;
  const read: Edit = {
    hook,
    async apply(x) {
      code = await encoder.encode(x, rows);
      return x;
    },
  };
  const write: Edit = {
    hook: writePoint(hook),
    async apply(x) {
      invariant(isSilent || code !== null, 'what is read comes before what is written');
      const written = code === null ? null : reconstruct(params, code, rows.length);
      const data = withRows(await readMatrix(x), rows, params.d_in, written);
      return { where: 'cpu', rows: x.rows, cols: x.cols, data };
    },
  };
  return isSilent ? [write] : [read, write];
}
