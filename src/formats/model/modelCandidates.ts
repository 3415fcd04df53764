// Which models a list of files contains, by names alone: nanochat's model_<step>.pt, several steps and
// folders side by side, and transformers' safetensors. Works for a drop and for a server's listing alike,
// since it reads no content.
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';

/** `path` with slashes, as a drop, a folder picker or a server's listing gives it; size in bytes. */
export type ListedFile = { path: string; size: number | null };

export type ModelCandidate = {
  form: 'nanochat' | 'transformers';
  /** path of its folder, '' if files came without one; (folder, step) identifies a candidate */
  folder: string;
  /** null: transformers does not record it */
  step: number | null;
  /** nanochat's name of the run: the last part of the folder */
  tag: string;
  /** by the folder's parent: base_checkpoints, chatsft_checkpoints, … */
  stage: 'base' | 'mid' | 'sft' | 'rl' | null;
  /** of its weights; null if the listing gives no size */
  byteLength: number | null;
};

export type CandidateFiles = {
  weights: string[];
  /** meta_<step>.json or config.json */
  config: string;
  /** model.safetensors.index.json; null for one file of weights */
  index: string | null;
  /** tokenizer.pkl or tokenizer.json; null: there is none, and none was asked for */
  tokenizer: string | null;
};

const HOME = '~/.cache/nanochat';
const INDEX = 'model.safetensors.index.json';
const STAGES = ['base', 'mid', 'sft', 'rl'] as const;
/** A browser that downloads a file twice adds " (1)" to its name. */
const NATIVE = /^model_(\d{1,9})( \(\d{1,3}\))?\.pt$/;
const SHARD = /^model(-\d{5}-of-\d{5})?\.safetensors$/;

/** Every model, latest first: later training stages before earlier ones, then the higher step. */
export function listCandidates(files: readonly ListedFile[]): ModelCandidate[] {
  const native = files.flatMap((file) => {
    const match = NATIVE.exec(fileName(file.path));
    if (match === null) return [];
    const folder = folderOf(file.path);
    // The second download of a file that is there under its own name.
    if (match[2] !== undefined && files.some(({ path }) => path === originalOf(file.path)))
      return [];
    const step = Number(match[1]);
    return [candidate({ form: 'nanochat', folder, step, byteLength: file.size })];
  });
  const exported = [...new Set(files.map((file) => folderOf(file.path)))].flatMap((folder) => {
    const weights = safetensorsOf(files, folder);
    if (weights.length === 0) return [];
    const byteLength = weights.reduce<number | null>(
      (sum, { size }) => (sum === null || size === null ? null : sum + size),
      0,
    );
    return [candidate({ form: 'transformers', folder, step: null, byteLength })];
  });
  const rank = (c: ModelCandidate) => (c.stage === null ? -1 : STAGES.indexOf(c.stage));
  return [...native, ...exported].sort(
    (a, b) =>
      rank(b) - rank(a) ||
      (b.step ?? -1) - (a.step ?? -1) ||
      a.folder.localeCompare(b.folder, 'en', { numeric: true }),
  );
}

type Found = Pick<ModelCandidate, 'form' | 'folder' | 'step' | 'byteLength'>;

function candidate(found: Found): ModelCandidate {
  const [tag = '', parent = ''] = found.folder.split('/').reverse();
  const named = /^(?:chat)?(base|mid|sft|rl)_checkpoints$/.exec(parent)?.[1];
  return { ...found, tag, stage: STAGES.find((stage) => stage === named) ?? null };
}

/** transformers' weights in a folder: its own names, or the only .safetensors beside a config.json. */
function safetensorsOf(files: readonly ListedFile[], folder: string): ListedFile[] {
  const inside = files.filter((file) => folderOf(file.path) === folder);
  const shards = inside.filter((file) => SHARD.test(fileName(file.path)));
  if (shards.length > 0) {
    // One whole file beside shards holds the same model: prefer it, since it needs no index.
    const whole = shards.filter((file) => fileName(file.path) === 'model.safetensors');
    return whole.length > 0 ? whole : shards.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
  const others = inside.filter((file) => file.path.endsWith('.safetensors'));
  const hasConfig = inside.some((file) => fileName(file.path) === 'config.json');
  return hasConfig && others.length === 1 ? others : [];
}

/** The requested candidate, or the latest. Throws FormatError listing what there is. */
export function chooseCandidate(
  files: readonly ListedFile[],
  wanted: { folder?: string | undefined; step?: number | null | undefined },
): ModelCandidate {
  const candidates = listCandidates(files);
  const chosen = candidates.find(
    (c) =>
      (wanted.folder === undefined || c.folder === wanted.folder) &&
      (wanted.step === undefined || c.step === wanted.step),
  );
  if (chosen !== undefined) return chosen;
  if (candidates.length === 0) {
    refuseOther(files);
    throw missing(
      'model_<step>.pt',
      `${HOME}/base_checkpoints/<tag>, or chatsft_checkpoints, chatrl_checkpoints (transformers: model.safetensors)`,
      files,
    );
  }
  const steps = candidates.map((c) => `${c.step ?? 'safetensors'} in ${quote(c.folder)}`);
  throw missing(
    `model of step ${wanted.step ?? 'any'} in ${quote(wanted.folder ?? 'any folder')} (found: ${steps.slice(0, 8).join(', ')})`,
    `${HOME}/base_checkpoints/<tag>`,
    files,
  );
}

/** The name that a file had before a browser numbered it as a second download. */
function originalOf(path: string): string {
  return path.replace(/ \(\d{1,3}\)(?=\.\w+$)/, '');
}

/** Files of other tools that people try here, with what to do instead. */
const OTHERS: readonly [RegExp, string][] = [
  [
    /^pytorch_model.*\.bin$/,
    'weights in the old pickle form of transformers; load the model there and save it with save_pretrained(…, safe_serialization=True)',
  ],
  [/^sae_weights\.safetensors$|^sae\.safetensors$/, 'an SAE, not a model; open it under Explore'],
  [
    /^optim_\d+.*\.pt$/,
    "the optimizer's state, which has no weights of the model; add model_<step>.pt",
  ],
  [/\.gguf$/, 'a GGUF file of llama.cpp, which has no nanochat architecture; use model_<step>.pt'],
];

function refuseOther(files: readonly ListedFile[]): void {
  for (const [pattern, sentence] of OTHERS) {
    const found = files.find((file) => pattern.test(fileName(file.path)));
    if (found !== undefined) {
      throw new FormatError(`files: ${quote(fileName(found.path))} is ${sentence}`);
    }
  }
}

/** Paths of all files needed to open it. hasTokenizer: one is there already, so that none need lie among them. Throws
 *  FormatError naming one that is missing or duplicated. */
export function filesOfCandidate(
  files: readonly ListedFile[],
  { form, folder, step }: ModelCandidate,
  { hasTokenizer = false }: { hasTokenizer?: boolean } = {},
): CandidateFiles {
  const tokenizerAmong = (names: typeof PICKLE_FIRST | typeof JSON_FIRST) =>
    hasTokenizer && !files.some(({ path }) => names.some((name) => name === fileName(path)))
      ? null
      : findTokenizer(files, folder, names);
  const beside = (name: string) =>
    files.find((file) => folderOf(file.path) === folder && fileName(file.path) === name)?.path;
  if (form === 'transformers') {
    const weights = safetensorsOf(files, folder).map((file) => file.path);
    const config = beside('config.json');
    if (config === undefined) throw missing('config.json', `the folder of ${weights[0]!}`, files);
    const index = weights.some((path) => path.includes('-of-')) ? beside(INDEX) : null;
    if (index === undefined) throw missing(INDEX, `the folder of ${weights[0]!}`, files);
    return { weights, config, index, tokenizer: tokenizerAmong(JSON_FIRST) };
  }
  const models = files
    .map(({ path }) => path)
    .filter(
      (path) => folderOf(path) === folder && Number(NATIVE.exec(fileName(path))?.[1]) === step,
    );
  const model = models.find((path) => path === originalOf(path)) ?? models[0]!;
  const metaName = fileName(model).replace(NATIVE, 'meta_$1.json');
  const copied = fileName(model).replace(NATIVE, 'meta_$1$2.json');
  const config = beside(metaName) ?? beside(copied) ?? onlyOne(files, metaName, fileName(model));
  if (config === null) throw missing(metaName, `the folder of ${fileName(model)}`, files);
  return {
    weights: [model],
    config,
    index: null,
    tokenizer: tokenizerAmong(PICKLE_FIRST),
  };
}

const PICKLE_FIRST = ['tokenizer.pkl', 'tokenizer.json'] as const;
const JSON_FIRST = ['tokenizer.json', 'tokenizer.pkl'] as const;

/** The one beside the weights, otherwise the only one of that name. */
function findTokenizer(
  files: readonly ListedFile[],
  folder: string,
  names: typeof PICKLE_FIRST | typeof JSON_FIRST,
): string {
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (files.some((file) => file.path === path)) return path;
  }
  for (const name of names) {
    const only = onlyOne(files, name, 'the model');
    if (only !== null) return only;
  }
  throw missing(names[0], names === JSON_FIRST ? 'the same folder' : `${HOME}/tokenizer`, files);
}

function onlyOne(files: readonly ListedFile[], name: string, owner: string): string | null {
  const found = files.filter((file) => fileName(file.path) === name);
  if (found.length > 1) {
    const paths = found.slice(0, 5).map((file) => quote(file.path));
    throw new FormatError(
      `files: ${found.length} files are named ${name} (${paths.join(', ')}); give only the one that belongs to ${owner}`,
    );
  }
  return found[0]?.path ?? null;
}

function missing(what: string, where: string, files: readonly ListedFile[]): FormatError {
  const names = files.slice(0, 5).map((file) => quote(file.path));
  const seen =
    files.length === 0 ? 'no files' : `${names.join(', ')}${files.length > 5 ? ' …' : ''}`;
  return new FormatError(
    `files: no ${what} ${files.length === 1 ? 'in the file' : `among the ${files.length} files`} given (${seen}). nanochat keeps it in ${where}: give it too`,
  );
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
