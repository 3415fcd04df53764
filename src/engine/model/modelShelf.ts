// Earlier imports, stored as converted files: listed, opened after checking their bytes, deleted. A model
// that cannot be stored can still be used; nothing here runs one.
import * as v from 'valibot';
import type { ConvertedModel } from '../../formats/model/convertedModel';
import type { DroppedFile } from '../../formats/model/nanochatFolder';
import { FormatError } from '../../core/errors';
import { changeRecord, getRecord, listRecords, recordKind } from '../../storage/records';
import { sha256Hex, StorageDamageError } from '../../storage/storage';
import type { KeptModel } from './api';
import type { EngineParts } from '../parts';

/** The stored record of one: the facts for the page, and the hash of every part of the file. */
const Entry = v.object({
  id: v.string(),
  name: v.string(),
  isDemo: v.boolean(),
  byteLength: v.number(),
  savedAt: v.string(),
  file: v.string(),
  parts: v.array(v.object({ length: v.number(), sha256: v.string() })),
  /** a zip of rows and what they stand for; absent: a model */
  form: v.exactOptional(v.literal('rows')),
});
type Entry = v.InferOutput<typeof Entry>;

export const KEPT_MODEL_RECORDS = recordKind({
  prefix: 'kept-model/',
  what: 'kept model',
  schema: Entry,
});

export type ModelShelf = {
  /** newest first; those that can be read */
  list: () => Promise<KeptModel[]>;
  /** Writes the file, then the entry that points to it. Does nothing for a model that is already stored.
   *  Throws StorageFullError, and what the checkpoint's reading throws. */
  keep: (model: ConvertedModel, isDemo: boolean) => Promise<void>;
  /** The same for rows of another tool: `files` in a form that reads the same again. */
  keepRows: (rows: { id: string; name: string; files: readonly DroppedFile[] }) => Promise<void>;
  /** The model, after checking every byte of its file. A missing or changed file is dropped with its entry,
   *  and StorageDamageError says so. onBytes: checked so far and in total. */
  open: (id: string, onBytes: (done: number, total: number) => void) => Promise<ConvertedModel>;
  /** The files of kept rows, checked as `open` does; null: what is kept is a model, or nothing. */
  openRows: (
    id: string,
    onBytes: (done: number, total: number) => void,
  ) => Promise<DroppedFile[] | null>;
  delete: (id: string) => Promise<void>;
};

export function createModelShelf(parts: EngineParts): ModelShelf {
  const { storage, files } = parts;
  const { prefix } = KEPT_MODEL_RECORDS;
  const entryOf = (id: string) => getRecord(storage, KEPT_MODEL_RECORDS, id);
  const drop = async (id: string) => {
    const entry = await entryOf(id);
    await storage.delete(prefix + id);
    if (entry !== null) await files.remove(entry.file);
  };

  /** Writes the file, then the entry that points to it. */
  const store = async (
    about: Pick<Entry, 'id' | 'name' | 'isDemo' | 'form'>,
    content: () => Promise<AsyncIterable<Uint8Array<ArrayBuffer>>>,
  ) => {
    const { id } = about;
    if ((await entryOf(id)) !== null) return;
    const written: Entry['parts'] = [];
    const file = await files.write(fileNameOf(id), hashed(await content(), written, parts.breathe));
    const byteLength = written.reduce((sum, part) => sum + part.length, 0);
    const savedAt = new Date(parts.wallClock()).toISOString();
    const entry: Entry = { ...about, byteLength, savedAt, file, parts: written };
    let older = null as Entry | null;
    try {
      await changeRecord(storage, KEPT_MODEL_RECORDS, id, (known) => {
        older = known;
        return entry;
      });
    } catch (cause) {
      await files.remove(file);
      throw cause;
    }
    // Another tab kept it meanwhile.
    if (older !== null) await files.remove(older.file);
  };

  /** What `read` makes of a file whose every byte is as it was written. */
  const checked = async <T>(
    entry: Entry,
    onBytes: (done: number, total: number) => void,
    read: (blob: Blob) => Promise<T>,
  ): Promise<T> => {
    const blob = await files.read(entry.file);
    try {
      if (blob === null) throw damaged(entry, 'its file is gone');
      await checkParts(blob, entry, onBytes);
      return await read(blob);
    } catch (cause) {
      // Anything else may be otherwise the next time.
      if (cause instanceof StorageDamageError || cause instanceof FormatError) await drop(entry.id);
      throw cause;
    }
  };

  return {
    async list() {
      const entries = await listRecords(storage, KEPT_MODEL_RECORDS);
      return entries
        .sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))
        .map(({ id, name, isDemo, byteLength, savedAt }) => {
          return { id, name, isDemo, byteLength, savedAt };
        });
    },
    keep: (model, isDemo) =>
      store({ id: model.id, name: model.name, isDemo }, async () =>
        (await import('../../formats/model/convertedModel')).convertedModelParts(model),
      ),
    keepRows: ({ id, name, files: kept }) =>
      store({ id, name, isDemo: false, form: 'rows' }, () => Promise.resolve(zipParts(kept))),
    async open(id, onBytes) {
      const entry = await entryOf(id);
      if (entry === null)
        throw new StorageDamageError(`${id} is no longer stored.`, 'Import the model again.');
      const { readConvertedModel } = await import('../../formats/model/convertedModel');
      return checked(entry, onBytes, (blob) => readConvertedModel(blob, entry.name));
    },
    async openRows(id, onBytes) {
      const entry = await entryOf(id);
      if (entry?.form !== 'rows') return null;
      const { unzipFiles } = await import('../../formats/archives/archive');
      return checked(entry, onBytes, (blob) => unzipFiles(blob, entry.name));
    },
    delete: drop,
  };
}

/** On some systems OPFS does not accept "~". */
function fileNameOf(id: string): string {
  return id.replace(/[^\w.-]/g, '_');
}

function damaged(entry: Entry, what: string): StorageDamageError {
  return new StorageDamageError(
    `The kept copy of ${entry.name} cannot be used: ${what}. It was removed.`,
    'Import the model again.',
  );
}

/** Bytes hashed and written at once. */
const PART_BYTES = 4 * 2 ** 20;

async function* zipParts(kept: readonly DroppedFile[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { zipOf } = await import('../../formats/archives/exportFile');
  const zip = await zipOf(readAll(kept));
  for (let at = 0; at < zip.size; at += PART_BYTES) {
    yield new Uint8Array(await zip.slice(at, at + PART_BYTES).arrayBuffer());
  }
}

async function* readAll(kept: readonly DroppedFile[]) {
  for (const { path, blob } of kept)
    yield { path, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

async function* hashed(
  source: AsyncIterable<Uint8Array<ArrayBuffer>>,
  written: Entry['parts'],
  breathe: () => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const part of source) {
    written.push({ length: part.byteLength, sha256: await sha256Hex(part) });
    yield part;
    await breathe();
  }
}

async function checkParts(
  blob: Blob,
  entry: Entry,
  onBytes: (done: number, total: number) => void,
): Promise<void> {
  if (blob.size !== entry.byteLength) {
    throw damaged(entry, `it has ${blob.size} bytes instead of ${entry.byteLength}`);
  }
  let at = 0;
  for (const { length, sha256 } of entry.parts) {
    const bytes = new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
    if ((await sha256Hex(bytes)) !== sha256) throw damaged(entry, `bytes after ${at} have changed`);
    at += length;
    onBytes(at, entry.byteLength);
  }
}
