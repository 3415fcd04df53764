// The text that SAEs are trained and measured on: the bundled corpus or the user's own, tokenised once per
// tokenizer, packed into sequences whose order is fixed by seed and epoch. formats/text/textFiles reads
// the files.
import { counted } from '../../core/text/counted';
import {
  countedPositions,
  packSequences,
  type PackOptions,
  splitDocuments,
  splitFewDocuments,
} from '../../core/text/corpus';
import { ConfigError } from '../../core/errors';
import { parseJsonl } from '../../formats/text/corpus';
import type { TextDocuments } from '../../formats/text/textFiles';
import type { Tokenizer } from '../../model/tokenizer';
import type { EngineEvent } from '../api';
import type { JobId, Progress } from '../shared/api';
import type { CorpusFacts, CorpusSource, SelfTextRequest } from './api';
import { hashDocuments, nameOf, sampleOf, textName } from './corpusIdentity';
import bundled from '../demo.json';
import type { Job, Jobs } from '../jobs';
import type { EngineParts } from '../parts';

/** Documents that the model wrote itself. */
export type WrittenText = { name: string; documents: string[]; notes: string[] };

const DEMO_CORPUS_FILE = 'corpus.jsonl';

/** Facts about the bundled corpus before it is fetched; a test compares them with the file. */
export const DEMO_CORPUS: CorpusFacts = {
  ...bundled.corpus,
  isDemo: true,
  tokens: null,
  notes: [],
};

/** Characters encoded between two turns of other jobs. */
const TURN_CHARACTERS = 200_000;

/** tokenIds: [count, contextSize]; counted(i): positions of sequence i that are not special tokens. */
export type PackedCorpus = {
  contextSize: number;
  count: number;
  sequence: (index: number) => Int32Array;
  countedPositions: (index: number) => Uint32Array;
};

type CorpusSplit = 'train' | 'heldOut' | 'all';

type PackRequest = Omit<PackOptions, 'bos'>;

export type CorpusPacker = {
  pack: (tokenizer: Tokenizer, split: CorpusSplit, o: PackRequest) => Promise<PackedCorpus>;
};

/** One corpus; its text stays available to its holder, even after another is opened. */
export type OpenCorpus = CorpusPacker & {
  facts: () => CorpusFacts;
  /** its documents as lines of {"text": …}, the held-out ones last */
  toJsonl: () => Promise<Blob>;
  /** those that training reads, in the same form */
  trainingJsonl: () => Promise<{ blob: Blob; documents: number }>;
  /** Throws ConfigError if a part is too short for one sequence of a run; says nothing of a text that is not
   *  counted yet. */
  checkLength: (contextSize: number) => void;
  /** Tokenises now, so that the facts include the number of tokens. */
  count: (tokenizer: Tokenizer) => Promise<void>;
  /** Drops its tokens, because the tokenizer changes. */
  forgetTokens: () => void;
};

export type CorpusHost = CorpusPacker & {
  current: () => OpenCorpus;
  /** Counted with the open model's tokenizer. Cancelled while the model writes, it keeps what there is. */
  open: (source: CorpusSource, jobId?: JobId) => Promise<CorpusFacts>;
  /** Asked before another corpus is opened, and again just before it takes the old one's place; throws
   *  to refuse. */
  guard: (check: () => void) => void;
};

/** The open model's, and whenever it becomes another. */
type OpenTokenizer = {
  currentOrNull: () => { tokenizer: Tokenizer } | null;
  onOpened: (
    listener: (opened: {
      tokenizer: Tokenizer;
      /** rows of a file that stand in a model's place, and in a text's as long as they do */
      rows?: { corpus: OpenCorpus } | null;
    }) => void,
  ) => void;
};

type WriteText = (request: SelfTextRequest, job: Job) => Promise<WrittenText>;

const OPENING = { kind: 'corpus', cancelled: 'Opening the text was cancelled.' } as const;

export function createCorpusHost({
  parts,
  jobs,
  emit,
  model,
  writeText = refuseToWrite,
}: {
  parts: EngineParts;
  jobs: Jobs;
  emit: (event: EngineEvent) => void;
  /** absent: none is ever open */
  model?: OpenTokenizer;
  writeText?: WriteText;
}): CorpusHost {
  const guards: (() => void)[] = [];
  const refuseIfNeeded = () => {
    for (const check of guards) check();
    if (rows === null) return;
    throw new ConfigError(
      `The ${rows.facts().name} are open: SAEs are trained and measured on them, not on a text. Open a model first.`,
      'corpus',
    );
  };
  /** whose progress the reading and counting of text is */
  let telling: Job | null = null;
  const jobOf = <T>(jobId: JobId | undefined, work: (job: Job) => Promise<T>) =>
    jobs.run(OPENING, jobId, async (job) => {
      telling = job;
      try {
        return await work(job);
      } finally {
        if (telling === job) telling = null;
      }
    });
  const announce = (corpus: OpenCorpus) => {
    if (corpus === current()) emit({ kind: 'corpus', corpus: corpus.facts() });
  };
  const progress = (phase: string, done: number, total: number, unit: Progress['unit']) => {
    telling?.tell(phase, done, total, unit);
  };
  const makeDemo = () =>
    openCorpus(parts, DEMO_CORPUS, () => readDemoDocuments(parts), { announce, progress });
  let text: OpenCorpus = makeDemo();
  let rows: OpenCorpus | null = null;
  const current = () => rows ?? text;
  let lastOpening = 0;

  const read = async (source: CorpusSource, job: Job): Promise<OpenCorpus> => {
    if (source.kind === 'demo') return makeDemo();
    const found =
      source.kind === 'self' ? await writeText(source, job) : await readSource(parts, source, job);
    const name =
      'name' in found ? textName(found.name, DEMO_CORPUS.name) : nameOf(source, DEMO_CORPUS.name);
    const facts: CorpusFacts = {
      id: `${name}~${await hashDocuments(found.documents)}`,
      name,
      isDemo: false,
      documents: found.documents.length,
      characters: lengthOf(found.documents),
      tokens: null,
      sample: sampleOf(found.documents),
      notes: found.notes,
    };
    const split = splitFewDocuments(found.documents);
    if (!split.isUsual) facts.notes = [...facts.notes, FEW_DOCUMENTS_NOTE];
    return openCorpus(parts, facts, () => Promise.resolve(split), { announce, progress });
  };

  // An own text is counted anew, in the background.
  model?.onOpened(({ tokenizer, rows: opened = null }) => {
    const before = rows;
    rows = opened?.corpus ?? null;
    if (rows !== before) announce(current());
    if (rows !== null) return;
    text.forgetTokens();
    if (text.facts().isDemo) return;
    // The next caller that needs the tokens tries again and gets the error.
    const own = text;
    void jobOf(undefined, () => own.count(tokenizer)).catch(() => undefined);
  });

  return {
    current,
    pack: (tokenizer, split, o) => current().pack(tokenizer, split, o),
    guard: (check) => void guards.push(check),
    open: (source, jobId) =>
      jobOf(jobId, async (job) => {
        refuseIfNeeded();
        const tokenizer = model?.currentOrNull()?.tokenizer ?? null;
        const opening = ++lastOpening;
        const opened = await read(source, job);
        // The bundled corpus is counted when it is first needed, so that a reset does not have to wait.
        if (tokenizer !== null && source.kind !== 'demo') await opened.count(tokenizer);
        // What the model was stopped at is a text all the same.
        if (source.kind !== 'self') job.signal.throwIfAborted();
        refuseIfNeeded();
        // Another text may be chosen while one is being read: only the last choice counts.
        if (opening === lastOpening) {
          text = opened;
          announce(opened);
        }
        return current().facts();
      }),
  };
}

const FEW_DOCUMENTS_NOTE =
  'The text is short: which tenth of it is held out may change when you add to it.';

function lengthOf(documents: readonly string[]): number {
  return documents.reduce((sum, text) => sum + text.length, 0);
}

function refuseToWrite(): Promise<WrittenText> {
  return Promise.reject(new ConfigError('No model writes a text here.', 'corpus'));
}

type Documents = { train: string[]; heldOut: string[] };
type EncodedCorpus = { train: Int32Array[]; heldOut: Int32Array[] };
type Telling = {
  announce: (corpus: OpenCorpus) => void;
  progress: (phase: string, done: number, total: number, unit: Progress['unit']) => void;
};

function openCorpus(
  parts: EngineParts,
  about: CorpusFacts,
  documents: () => Promise<Documents>,
  { announce, progress }: Telling,
): OpenCorpus {
  let facts = about;
  let encoded: { tokenizer: Tokenizer; corpus: Promise<EncodedCorpus> } | null = null;
  let counted: Record<'train' | 'heldOut', number> | null = null;
  const encode = (tokenizer: Tokenizer) => {
    if (encoded?.tokenizer === tokenizer) return encoded.corpus;
    const corpus = encodeDocuments(parts, tokenizer, documents, (done) => {
      if (!about.isDemo) progress('Counting tokens', done, about.documents, 'documents');
    });
    const mine = { tokenizer, corpus };
    encoded = mine;
    corpus.then(
      ({ train, heldOut }) => {
        if (encoded !== mine) return;
        counted = { train: tokensOf(train), heldOut: tokensOf(heldOut) };
        facts = { ...facts, tokens: counted.train + counted.heldOut };
        announce(opened);
      },
      () => {
        if (encoded === mine) encoded = null;
      },
    );
    return corpus;
  };
  const opened: OpenCorpus = {
    facts: () => facts,
    async toJsonl() {
      const { train, heldOut } = await documents();
      return jsonlOf([...train, ...heldOut]);
    },
    async trainingJsonl() {
      const { train } = await documents();
      return { blob: jsonlOf(train), documents: train.length };
    },
    checkLength(contextSize) {
      for (const split of ['train', 'heldOut'] as const) {
        if (counted !== null && counted[split] < contextSize) {
          throw tooShort(split, counted[split], contextSize);
        }
      }
    },
    async count(tokenizer) {
      await encode(tokenizer);
    },
    forgetTokens() {
      encoded = null;
      counted = null;
      if (facts.tokens === null) return;
      facts = { ...facts, tokens: null };
      announce(opened);
    },
    async pack(tokenizer, split, o) {
      const { train, heldOut } = await encode(tokenizer);
      const docs =
        split === 'train' ? train : split === 'heldOut' ? heldOut : [...train, ...heldOut];
      return packDocuments(docs, tokenizer, { ...o, split });
    },
  };
  return opened;
}

const PART_WORDS: Readonly<Record<CorpusSplit, string>> = {
  train: 'the part of the text to train on',
  heldOut: 'the held-out tenth of the text',
  all: 'the text',
};

function packDocuments(
  docs: Int32Array[],
  tokenizer: Tokenizer,
  o: PackRequest & { split: CorpusSplit },
): PackedCorpus {
  const packed = packSequences(docs, { ...o, bos: tokenizer.specialTokenId('<|bos|>') });
  if (packed.count === 0) throw tooShort(o.split, tokensOf(docs), o.contextSize);
  const sequence = (index: number) =>
    packed.sequences.subarray(index * o.contextSize, (index + 1) * o.contextSize);
  return {
    contextSize: o.contextSize,
    count: packed.count,
    sequence,
    countedPositions: (index) => countedPositions(sequence(index), tokenizer.isSpecial),
  };
}

function tooShort(split: CorpusSplit, tokens: number, contextSize: number): ConfigError {
  return new ConfigError(
    `${PART_WORDS[split]} has ${counted(tokens, 'token')}, less than one sequence of ${contextSize}: use more text`,
    'corpus',
  );
}

/** with the BOS of every document */
function tokensOf(docs: readonly Int32Array[]): number {
  return docs.reduce((sum, doc) => sum + doc.length + 1, 0);
}

async function encodeDocuments(
  parts: EngineParts,
  tokenizer: Tokenizer,
  documents: () => Promise<Documents>,
  onDocuments: (done: number) => void,
): Promise<EncodedCorpus> {
  const { train, heldOut } = await documents();
  let done = 0;
  let characters = 0;
  const encodeAll = async (docs: string[]) => {
    const ids: Int32Array[] = [];
    for (const doc of docs) {
      ids.push(Int32Array.from(tokenizer.encodeOrdinary(doc)));
      done++;
      characters += doc.length;
      if (characters < TURN_CHARACTERS) continue;
      characters = 0;
      onDocuments(done);
      await parts.breathe();
    }
    return ids;
  };
  return { train: await encodeAll(train), heldOut: await encodeAll(heldOut) };
}

async function readDemoDocuments(parts: EngineParts): Promise<Documents> {
  return splitDocuments(parseJsonl(await fetchDemoCorpus(parts)));
}

/** The bundled corpus as it ships: .jsonl with a text field. */
export async function fetchDemoCorpus(parts: EngineParts): Promise<string> {
  const [file] = await parts.demo.fetchFiles([DEMO_CORPUS_FILE], () => undefined);
  if (file === undefined) throw new ConfigError('the bundled corpus is missing', 'corpus');
  return file.blob.text();
}

async function readSource(
  parts: EngineParts,
  source: Exclude<CorpusSource, { kind: 'demo' | 'self' }>,
  { signal, tell }: Job,
): Promise<TextDocuments> {
  const { readPastedText, readTextFiles } = await import('../../formats/text/textFiles');
  if (source.kind === 'paste') return readPastedText(source.text);
  return readTextFiles(source.files, {
    field: source.field?.trim() || 'text',
    onBytes: async (done, total) => {
      signal.throwIfAborted();
      tell('Reading text', done, total, 'bytes');
      await parts.breathe();
    },
  });
}

/** One part per document, to avoid a second copy of the whole text as one string. */
function jsonlOf(documents: readonly string[]): Blob {
  return new Blob(
    documents.map((text) => `${JSON.stringify({ text })}\n`),
    { type: 'application/jsonl' },
  );
}
