// Pools an SAE's latents over labelled documents and probes them (core/probing). The documents come from the
// bundled corpus, labelled by its own templates, or from the user's file.
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import { splitDocuments } from '../../core/text/corpus';
import { DOCUMENT_KINDS, documentKind } from '../../core/evaluate/probing/documentKind';
import {
  probeClasses,
  type PooledDocument,
  type ProbingResult,
} from '../../core/evaluate/probing/kSparseProbe';
import { seededPermutation } from '../../core/numeric/rng';
import { parseJsonl } from '../../formats/text/corpus';
import { parseLabelledText, type LabelledDocument } from '../../formats/text/labelledText';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { SaeParams } from '../../core/sae/sae';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { RowsSource } from '../model/openModel';
import type { ProbingSource } from './api';
import type { EngineParts } from '../parts';
import { fetchDemoCorpus } from '../text/corpusHost';

/** <|bos|> and this many tokens of each document are read … */
const READ_TOKENS = 64;
/** … and pooled from here on, because the first words of a document reveal its label. */
const SKIPPED_TOKENS = 8;
/** Most documents of each part; a fixed seed draws them. */
const TRAIN_DOCUMENTS = 600;
const TEST_DOCUMENTS = 300;
const DOCUMENTS_PER_PASS = 12;
const SHUFFLE_SEED = 0;

export type ProbingTask = {
  task: string;
  labels: readonly string[];
  train: LabelledDocument[];
  test: LabelledDocument[];
};

/** rows: those that stand in a model's place, whose own labels are what ships with them; null: a model is open. Throws
 *  FormatError if the user's file, or the labels of the rows, are unusable. */
export async function readProbingTask(
  parts: EngineParts,
  source: ProbingSource,
  rows: Pick<RowsSource, 'labelledLines'> | null,
): Promise<ProbingTask> {
  if (source.kind === 'demo' && rows !== null) {
    const fields = { textField: 'text', labelField: 'label' };
    const { labels, train, test } = parseLabelledText(rows.labelledLines(), fields);
    return {
      task: 'label of a row in rows.jsonl',
      labels,
      train: pick(train, TRAIN_DOCUMENTS),
      test: pick(test, TEST_DOCUMENTS),
    };
  }
  if (source.kind === 'demo') {
    // Tested on documents that no training on the bundled corpus has seen.
    const { train, heldOut } = splitDocuments(parseJsonl(await fetchDemoCorpus(parts)));
    const label = (texts: string[]) => texts.map((text) => ({ text, label: documentKind(text) }));
    return {
      task: 'kind of document in the bundled corpus (dialogue, word problem, story, loose sentences)',
      labels: DOCUMENT_KINDS,
      train: pick(label(train), TRAIN_DOCUMENTS),
      test: pick(label(heldOut), TEST_DOCUMENTS),
    };
  }
  const { path, blob } = source.file;
  const { labels, train, test } = parseLabelledText(await blob.text(), source);
  return {
    task: `“${source.labelField}” of ${path}`,
    labels,
    train: pick(train, TRAIN_DOCUMENTS),
    test: pick(test, TEST_DOCUMENTS),
  };
}

function pick(documents: readonly LabelledDocument[], count: number): LabelledDocument[] {
  const order = seededPermutation(documents.length, SHUFFLE_SEED);
  return Array.from(order.subarray(0, count)).flatMap((at) => documents[at] ?? []);
}

export type ProbingSetup = {
  task: ProbingTask;
  params: SaeParams;
  hook: HookPoint;
  encoder: SaeEncoder;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  readMatrix: (x: Matrix) => Promise<Float32Array>;
  /** Called after every batch; throws to cancel. */
  onBatch: (documents: number, total: number) => Promise<void>;
};

export async function probeSae(o: ProbingSetup): Promise<ProbingResult> {
  const { task } = o;
  const total = task.train.length + task.test.length;
  let done = 0;
  const poolAll = async (documents: LabelledDocument[]) => {
    const pooled: PooledDocument[] = [];
    for (let first = 0; first < documents.length; first += DOCUMENTS_PER_PASS) {
      const batch = documents.slice(first, first + DOCUMENTS_PER_PASS);
      pooled.push(...(await poolBatch(o, batch)));
      done += batch.length;
      await o.onBatch(done, total);
    }
    return pooled;
  };
  const train = await poolAll(task.train);
  const test = await poolAll(task.test);
  return probeClasses({ ...task, train, test, d_sae: o.params.d_sae });
}

async function poolBatch(
  o: ProbingSetup,
  documents: readonly LabelledDocument[],
): Promise<PooledDocument[]> {
  const { d_in } = o.params;
  const length = Math.min(READ_TOKENS + 1, o.runtime.checkpoint.config.sequence_len);
  const bos = o.tokenizer.specialTokenId('<|bos|>');
  // Padding after a document's end does not change anything before it: the model is causal.
  const tokenIds = new Int32Array(documents.length * length).fill(bos);
  const rowsOf = documents.map(({ text }, i) => {
    const ids = o.tokenizer.encodeOrdinary(text).slice(0, length - 1);
    tokenIds.set(ids, i * length + 1);
    // A text shorter than the skipped part is pooled whole.
    const from = ids.length > SKIPPED_TOKENS ? SKIPPED_TOKENS : 0;
    return Array.from(ids.keys())
      .slice(from)
      .map((at) => i * length + 1 + at);
  });
  const rows = Uint32Array.from(rowsOf.flat());
  const capture = await o.runtime.capture(tokenIds, documents.length, [o.hook]);
  try {
    const x = capture.hooks.get(o.hook);
    if (x === undefined) throw new Error(`invariant: ${o.hook} was not captured`);
    const code = await o.encoder.encode(x, rows);
    const all = await o.readMatrix(x);
    let token = 0;
    return documents.map(({ label }, i): PooledDocument => {
      const mine = rowsOf[i] ?? [];
      const latents = new Map<number, number>();
      const saeIn = new Float32Array(d_in);
      for (const row of mine) {
        for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
          const act = code.latentActs[slot] ?? 0;
          const latent = code.latentIndices[slot] ?? 0;
          if (act > 0) latents.set(latent, (latents.get(latent) ?? 0) + act / mine.length);
        }
        for (let d = 0; d < d_in; d++)
          saeIn[d] = (saeIn[d] ?? 0) + (all[row * d_in + d] ?? 0) / mine.length;
        token++;
      }
      return { label: o.task.labels.indexOf(label), latents, saeIn };
    });
  } finally {
    capture.release();
  }
}
