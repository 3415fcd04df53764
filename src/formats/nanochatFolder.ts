// The files a user drops → one checkpoint and its tokenizer. It finds, reads and compares them; it runs
// nothing and reads no weight.
import { FormatError } from '../core/errors';
import type { NanochatCheckpoint } from '../core/nanochat';
import { quote, readRange } from './byteRange';
import { parseNanochatMeta } from './nanochatMeta';
import { detectRevision } from './nanochatRevision';
import { parseTokenizerPickle } from './tokenizerPickle';
import type { TokenizerFile } from './tokenizerPickle';
import { readTorchCheckpoint } from './torchCheckpoint';

/** `path` as the drop or the folder picker gives it, folders with slashes. */
export type DroppedFile = { path: string; blob: Blob };

export type NanochatFolder = {
  name: string;
  checkpoint: NanochatCheckpoint;
  tokenizer: TokenizerFile;
  /** every step found, ascending */
  steps: number[];
};

export type NanochatFolderOptions = {
  onProgress?: (done: number, total: number, what: string) => void;
  /** which of several steps; the latest if absent */
  step?: number;
};

const HOME = '~/.cache/nanochat';
const MAX_META_BYTES = 1024 * 1024;
const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024;

/** Finds model_<step>.pt, meta_<step>.json and tokenizer.pkl in any folders of a drop; optim_* and
 *  everything else is left alone. Throws FormatError saying which file is missing, where nanochat keeps
 *  it, or what in a file is wrong. */
export async function readNanochatFolder(
  files: readonly DroppedFile[],
  o: NanochatFolderOptions = {},
): Promise<NanochatFolder> {
  const progress = (done: number, what: string) => o.onProgress?.(done, 3, what);
  const found = chooseFiles(files, o.step);
  progress(0, fileName(found.tokenizer));
  const tokenizer = parseTokenizerPickle(
    await readWhole(found.tokenizer, MAX_TOKENIZER_BYTES),
    fileName(found.tokenizer),
  );
  progress(1, fileName(found.meta));
  const meta = parseNanochatMeta(
    new TextDecoder().decode(await readWhole(found.meta, MAX_META_BYTES)),
    fileName(found.meta),
  );
  checkVocabulary(tokenizer, meta.config.vocab_size, found);
  progress(2, fileName(found.model));
  const tensors = await readTorchCheckpoint(found.model.blob, fileName(found.model));
  const shapes = new Map([...tensors].map(([name, t]) => [name, t.shape]));
  const checkpoint: NanochatCheckpoint = {
    config: meta.config,
    revision: detectRevision(shapes, meta.config),
    step: meta.step ?? found.step,
    valBpb: meta.valBpb,
    parameterCount: [...shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0),
    byteLength: found.model.blob.size,
    tensors,
  };
  progress(3, fileName(found.model));
  const name = modelName(found.model, meta.config.n_layer);
  return { name, checkpoint, tokenizer, steps: found.steps };
}

type Found = {
  model: DroppedFile;
  meta: DroppedFile;
  tokenizer: DroppedFile;
  step: number;
  steps: number[];
};

function chooseFiles(files: readonly DroppedFile[], wantedStep: number | undefined): Found {
  const models = files.flatMap((file) => {
    const match = /^model_(\d{1,9})\.pt$/.exec(fileName(file));
    return match === null ? [] : [{ file, step: Number(match[1]) }];
  });
  models.sort((a, b) => a.step - b.step);
  const folders = [...new Set(models.map((m) => folderOf(m.file)))];
  if (folders.length > 1) {
    throw new FormatError(
      `dropped files: checkpoints of ${folders.length} folders (${folders.slice(0, 5).map(quote).join(', ')}); open one of them, together with ${HOME}/tokenizer`,
    );
  }
  const steps = models.map((m) => m.step);
  const chosen =
    wantedStep === undefined ? models.at(-1) : models.find((m) => m.step === wantedStep);
  if (chosen === undefined) {
    throw missing(
      wantedStep === undefined || models.length === 0
        ? 'model_<step>.pt'
        : `model of step ${wantedStep} (found: ${steps.join(', ')})`,
      `${HOME}/base_checkpoints/<tag>, or chatsft_checkpoints, chatrl_checkpoints`,
      files,
    );
  }
  const model = chosen.file;
  const metaName = fileName(model).replace(/^model_(\d+)\.pt$/, 'meta_$1.json');
  const meta = pick(files, metaName, model);
  if (meta === null) throw missing(metaName, `the folder of ${fileName(model)}`, files);
  const tokenizer = pick(files, 'tokenizer.pkl', model);
  if (tokenizer === null) throw missing('tokenizer.pkl', `${HOME}/tokenizer`, files);
  return { model, meta, tokenizer, step: chosen.step, steps };
}

function missing(what: string, where: string, files: readonly DroppedFile[]): FormatError {
  const names = files.slice(0, 5).map((f) => quote(f.path));
  const seen =
    files.length === 0 ? 'no files' : `${names.join(', ')}${files.length > 5 ? ' …' : ''}`;
  return new FormatError(
    `dropped files: ${what} is missing among ${files.length} (${seen}); nanochat keeps it in ${where}: drop it too`,
  );
}

/** The file of that name beside the model, or else the only one of that name. */
function pick(files: readonly DroppedFile[], name: string, model: DroppedFile): DroppedFile | null {
  const candidates = files.filter((file) => fileName(file) === name);
  const beside = candidates.find((file) => folderOf(file) === folderOf(model));
  if (beside !== undefined) return beside;
  if (candidates.length > 1) {
    throw new FormatError(
      `dropped files: ${candidates.length} files are named ${name} (${candidates
        .slice(0, 5)
        .map((f) => quote(f.path))
        .join(', ')}); drop only the one that belongs to ${fileName(model)}`,
    );
  }
  return candidates[0] ?? null;
}

/** vocab_size in nanochat is the tokenizer's n_vocab: anything else is another model's tokenizer. */
function checkVocabulary(tokenizer: TokenizerFile, vocabSize: number, found: Found): void {
  const ids = [...tokenizer.ranks.map(([, id]) => id), ...tokenizer.specialTokens.values()];
  const size = ids.reduce((max, id) => Math.max(max, id), -1) + 1;
  if (size !== vocabSize) {
    throw new FormatError(
      `${fileName(found.tokenizer)}: ${size} tokens, but vocab_size in ${fileName(found.meta)} is ${vocabSize}; use the tokenizer this model was trained with`,
    );
  }
  if (!tokenizer.specialTokens.has('<|bos|>')) {
    throw new FormatError(
      `${fileName(found.tokenizer)}: no special token <|bos|>; use the tokenizer.pkl that nanochat wrote`,
    );
  }
}

async function readWhole(file: DroppedFile, maxBytes: number): Promise<Uint8Array> {
  if (file.blob.size > maxBytes) {
    throw new FormatError(
      `${fileName(file)}: ${file.blob.size} bytes; at most ${maxBytes} are expected of such a file`,
    );
  }
  return readRange(file.blob, 0, file.blob.size, fileName(file));
}

function fileName(file: DroppedFile): string {
  return file.path.slice(file.path.lastIndexOf('/') + 1);
}

function folderOf(file: DroppedFile): string {
  return file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')));
}

/** The tag nanochat gave the run, or the depth where files came without a folder. */
function modelName(model: DroppedFile, layers: number): string {
  const tag = folderOf(model).split('/').at(-1);
  return tag === undefined || tag === '' ? `nanochat-d${layers}` : tag;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
