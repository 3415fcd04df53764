// The files a user opens → one checkpoint and its tokenizer, from nanochat's own files or from those of
// transformers. It reads and compares them; it runs nothing and reads no weight.
import { FormatError, invariant } from '../../core/errors';
import type { NanochatCheckpoint, NanochatConfig } from '../../core/model/nanochat';
import { readRange } from '../archives/byteRange';
import { tellCheckpointStage, type CheckpointStage } from './checkpointStage';
import { parseShardIndex, readHfTensors } from './hfCheckpoint';
import { parseHfConfig } from './hfConfig';
import { parseHfTokenizer } from './hfTokenizer';
import { chooseCandidate, fileName, filesOfCandidate, listCandidates } from './modelCandidates';
import type { CandidateFiles, ModelCandidate } from './modelCandidates';
import { parseNanochatMeta, type NanochatMeta } from './nanochatMeta';
import { detectRevision, paddedRows } from './nanochatRevision';
import { parseTokenizerPickle } from './tokenizerPickle';
import type { TokenizerFile } from './tokenizerPickle';
import { readTorchCheckpoint } from './torchCheckpoint';

/** `path` as the drop or the folder picker gives it, folders with slashes. */
export type DroppedFile = { path: string; blob: Blob };

export type NanochatFolder = {
  name: string;
  /** by its own files only: other models of the same drop are no evidence about it */
  stage: CheckpointStage;
  checkpoint: NanochatCheckpoint;
  tokenizer: TokenizerFile;
};

export type NanochatFolderOptions = {
  onProgress?: (done: number, total: number, what: string) => void;
  /** which of several models (`listCandidates`); the latest if absent */
  folder?: string | undefined;
  step?: number | null | undefined;
  /** taken where there is none among the files */
  tokenizer?: TokenizerFile | undefined;
};

/** what transformers writes for a tokenizer with a chat template */
const TEMPLATE = 'chat_template.jinja';
const MAX_META_BYTES = 1024 * 1024;
const MAX_INDEX_BYTES = 4 * 1024 * 1024;
const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024;

/** Reads one model of a drop and ignores optim_* and everything else. Throws FormatError saying which
 *  file is missing and where nanochat keeps it, or what is wrong in a file. */
export async function readNanochatFolder(
  files: readonly DroppedFile[],
  o: NanochatFolderOptions = {},
): Promise<NanochatFolder> {
  const progress = (done: number, path: string) => o.onProgress?.(done, 3, fileName(path));
  const listed = list(files);
  const candidate = chooseCandidate(listed, o);
  const paths = filesOfCandidate(listed, candidate, { hasTokenizer: o.tokenizer !== undefined });
  const open = makeReader(files);
  progress(0, paths.tokenizer ?? paths.config);
  const tokenizer =
    paths.tokenizer === null ? o.tokenizer : await readTokenizer(paths.tokenizer, open);
  invariant(tokenizer !== undefined, 'a model without a tokenizer');
  progress(1, paths.config);
  const configText = await open.text(paths.config, MAX_META_BYTES);
  progress(2, paths.weights[0]!);
  const meta =
    candidate.form === 'nanochat' ? parseNanochatMeta(configText, fileName(paths.config)) : null;
  const checkpoint =
    meta === null
      ? await readExported(paths, configText, tokenizer, open)
      : await readNative(candidate, paths, meta, tokenizer, open);
  progress(3, paths.weights[0]!);
  const name = candidate.tag === '' ? `nanochat-d${checkpoint.config.n_layer}` : candidate.tag;
  const template = candidate.folder === '' ? TEMPLATE : `${candidate.folder}/${TEMPLATE}`;
  const own = [...paths.weights, template].filter((path) =>
    listed.some((file) => file.path === path),
  );
  const stage = tellCheckpointStage(own, meta?.settings ?? []);
  return { name, stage, checkpoint, tokenizer };
}

export type InspectedCandidate = ModelCandidate & {
  /** validation bits per byte of its meta_*.json */
  valBpb: number | null;
};

/** What a drop holds, latest first, with each meta's val_bpb. */
export async function inspectFolder(files: readonly DroppedFile[]): Promise<InspectedCandidate[]> {
  const listed = list(files);
  const open = makeReader(files);
  const inspect = async (candidate: ModelCandidate): Promise<InspectedCandidate> => {
    if (candidate.form !== 'nanochat') return { ...candidate, valBpb: null };
    try {
      const { config } = filesOfCandidate(listed, candidate);
      const meta = parseNanochatMeta(await open.text(config, MAX_META_BYTES), fileName(config));
      return { ...candidate, valBpb: meta.valBpb };
    } catch (cause) {
      // The choice is still offered: opening it reports what is wrong.
      if (cause instanceof FormatError) return { ...candidate, valBpb: null };
      throw cause;
    }
  };
  return Promise.all(listCandidates(listed).map(inspect));
}

function list(files: readonly DroppedFile[]) {
  return files.map(({ path, blob }) => ({ path, size: blob.size }));
}

type Reader = {
  blob: (path: string) => Blob;
  bytes: (path: string, maxBytes: number) => Promise<Uint8Array>;
  text: (path: string, maxBytes: number) => Promise<string>;
};

function makeReader(files: readonly DroppedFile[]): Reader {
  const blob = (path: string) => files.find((file) => file.path === path)!.blob;
  const bytes = async (path: string, maxBytes: number) => {
    const { size } = blob(path);
    if (size > maxBytes) {
      throw new FormatError(
        `${fileName(path)}: ${size} bytes; at most ${maxBytes} are expected for this kind of file`,
      );
    }
    return readRange(blob(path), 0, size, fileName(path));
  };
  const text = async (path: string, maxBytes: number) =>
    new TextDecoder().decode(await bytes(path, maxBytes));
  return { blob, bytes, text };
}

async function readTokenizer(path: string, open: Reader): Promise<TokenizerFile> {
  const tokenizer = path.endsWith('.json')
    ? parseHfTokenizer(await open.text(path, MAX_TOKENIZER_BYTES), fileName(path))
    : parseTokenizerPickle(await open.bytes(path, MAX_TOKENIZER_BYTES), fileName(path));
  if (!tokenizer.specialTokens.has('<|bos|>')) {
    throw new FormatError(
      `${fileName(path)}: no special token <|bos|>; use the tokenizer that nanochat wrote`,
    );
  }
  return tokenizer;
}

async function readNative(
  candidate: ModelCandidate,
  paths: CandidateFiles,
  meta: NanochatMeta,
  tokenizer: TokenizerFile,
  open: Reader,
): Promise<NanochatCheckpoint> {
  // nanochat's vocab_size is the tokenizer's n_vocab: any other number means another model's tokenizer.
  if (vocabularyOf(tokenizer) !== meta.config.vocab_size) {
    throw otherTokenizer(paths, tokenizer, meta.config);
  }
  const path = paths.weights[0]!;
  const tensors = await readTorchCheckpoint(open.blob(path), fileName(path));
  const shapes = new Map([...tensors].map(([name, t]) => [name, t.shape]));
  const { config, valBpb } = meta;
  const revision = detectRevision(shapes, config);
  const step = meta.step ?? candidate.step;
  return { config, revision, step, valBpb, ...sizes(tensors, [open.blob(path)]), tensors };
}

async function readExported(
  paths: CandidateFiles,
  configText: string,
  tokenizer: TokenizerFile,
  open: Reader,
): Promise<NanochatCheckpoint> {
  const read = parseHfConfig(configText, fileName(paths.config));
  const index =
    paths.index === null
      ? null
      : parseShardIndex(await open.text(paths.index, MAX_INDEX_BYTES), fileName(paths.index));
  const shards = paths.weights.map((path) => ({ name: fileName(path), blob: open.blob(path) }));
  const tensors = await readHfTensors(shards, index, read.config, read.isTied);
  // Its vocab_size counts the tables' rows, which nanochat pads: the tokenizer says how many are used.
  const config = { ...read.config, vocab_size: vocabularyOf(tokenizer) };
  const rows = read.config.vocab_size;
  if (rows !== config.vocab_size && rows !== paddedRows(config)) {
    throw otherTokenizer(paths, tokenizer, read.config);
  }
  const blobs = shards.map(({ blob }) => blob);
  const { revision } = read;
  return { config, revision, step: null, valBpb: null, ...sizes(tensors, blobs), tensors };
}

function vocabularyOf(tokenizer: TokenizerFile): number {
  const ids = [...tokenizer.ranks.map(([, id]) => id), ...tokenizer.specialTokens.values()];
  return ids.reduce((max, id) => Math.max(max, id), -1) + 1;
}

function otherTokenizer(
  paths: CandidateFiles,
  tokenizer: TokenizerFile,
  config: NanochatConfig,
): FormatError {
  return new FormatError(
    `${fileName(paths.tokenizer ?? 'the tokenizer')}: ${vocabularyOf(tokenizer)} tokens, but vocab_size in ${fileName(paths.config)} is ${config.vocab_size}; use the tokenizer this model was trained with`,
  );
}

function sizes(tensors: NanochatCheckpoint['tensors'], blobs: readonly Blob[]) {
  let parameterCount = 0;
  for (const { shape } of tensors.values()) {
    parameterCount += shape.reduce((product, n) => product * n, 1);
  }
  return { parameterCount, byteLength: blobs.reduce((sum, blob) => sum + blob.size, 0) };
}
