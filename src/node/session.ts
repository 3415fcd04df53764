// One engine on this machine for one piece of work: opened, and given a checkpoint and a text by their paths.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../core/errors';
import type { ModelFacts } from '../engine/model/api';
import { openModelFiles, tokenizerAmong, TOKENIZERS } from '../engine/model/openModelFiles';
import type { EngineParts } from '../engine/parts';
import { startSession, valueOf, type MachineChoice, type Session } from '../engine/session';
import type { ModelFile } from '../engine/shared/api';
import type { CorpusFacts } from '../engine/text/api';
import { createMemoryStorage } from '../storage/memoryStorage';
import type { Storage } from '../storage/storage';
import { findAbove, folderFiles, localFile } from './localFiles';
import { makeNodeParts } from './nodeParts';

export type SessionOptions = MachineChoice & {
  /** default: memory */
  storage?: Storage;
  /** when events are told; default: ten times a second */
  schedule?: EngineParts['schedule'];
};

export function openSession(o: SessionOptions = {}): Promise<Session> {
  return startSession({
    ...makeNodeParts({
      storage: o.storage ?? createMemoryStorage(),
      usesGpu: (o.device ?? 'auto') === 'auto',
      threads: o.threads,
    }),
    ...(o.schedule !== undefined && { schedule: o.schedule }),
  });
}

export type CheckpointPath = {
  /** a folder of nanochat's or transformers' files, one with such folders in it, or one model_<step>.pt */
  path: string;
  /** of several models_<step>.pt; absent: the latest */
  step?: number;
  /** taken where none lies near */
  tokenizer?: ModelFile;
};

const MODEL_FILE = /^model_(\d+)\.pt$/;
/** nanochat keeps it in ~/.cache/nanochat/tokenizer, checkpoints in ~/.cache/nanochat/base_checkpoints/<tag>. */
const TOKENIZER_PLACES = [...TOKENIZERS, ...TOKENIZERS.map((name) => join('tokenizer', name))];

/** Opens a model. Throws ConfigError for a path that is not there, ProblemError with what is wrong with its files. */
export async function openCheckpoint(
  session: Session,
  { path, step, tokenizer }: CheckpointPath,
): Promise<ModelFacts> {
  const place = checkpointPlace(path, step ?? null);
  const files = await checkpointFiles(place.folder);
  if (tokenizer !== undefined && tokenizerAmong(files) === undefined) {
    files.push(fileBeside(place.folder, tokenizer));
  }
  return openModelFiles(session, files, place.step);
}

/** Files of a folder of checkpoints, with the tokenizer where nanochat keeps it for them. */
export async function checkpointFiles(folder: string): Promise<ModelFile[]> {
  const files = await folderFiles(folder);
  if (tokenizerAmong(files) !== undefined) return files;
  const near = findAbove(dirname(folder), TOKENIZER_PLACES, 2);
  return near === null ? files : [...files, fileBeside(folder, await localFile(near))];
}

/** A file as if it lay in that folder. */
export function fileBeside(folder: string, { path, blob }: ModelFile): ModelFile {
  return { path: `${basename(folder)}/${basename(path)}`, blob };
}

/** The folder to read, and the step where a file names it. */
function checkpointPlace(path: string, step: number | null) {
  const whole = resolve(path);
  if (!existsSync(whole))
    throw new ConfigError(`checkpoint: no such folder: ${path}`, 'checkpoint');
  if (statSync(whole).isDirectory()) return { folder: whole, step };
  const named = MODEL_FILE.exec(basename(whole))?.[1];
  if (named === undefined) {
    throw new ConfigError(
      `checkpoint: ${path} is not a checkpoint; expected a folder, or a file named model_<step>.pt`,
      'checkpoint',
    );
  }
  return { folder: dirname(whole), step: Number(named) };
}

/** The text beside a checkpoint, as the demo has it. */
const OWN_TEXT = 'corpus.jsonl';

/** The text that lies beside a checkpoint; null: none does. */
export function ownText(checkpoint: string): string | null {
  return findAbove(resolve(checkpoint), [OWN_TEXT], 1);
}

/** Where the text lies: what was asked for, or the one beside the checkpoint. Throws ConfigError without one. */
export function textPath(data: string | null, checkpoint: string): string {
  const wanted = data ?? ownText(checkpoint);
  if (wanted === null) {
    throw new ConfigError(
      `data: no ${OWN_TEXT} beside ${checkpoint}; name a text (.txt, .jsonl or .parquet) with --data`,
      'data',
    );
  }
  if (!existsSync(wanted)) throw new ConfigError(`data: no such file: ${wanted}`, 'data');
  return wanted;
}

/** Opens a text: a file, or every file of a folder. `field`: key of .jsonl objects, column of .parquet tables. */
export async function openText(
  { engine }: Session,
  path: string,
  field: string | null = null,
): Promise<CorpusFacts> {
  const files = statSync(path).isDirectory() ? await folderFiles(path) : [await localFile(path)];
  return valueOf(
    await engine.text.open({ kind: 'files', files, ...(field !== null && { field }) }),
  );
}
