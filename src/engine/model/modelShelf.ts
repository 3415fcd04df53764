// Earlier imports, stored as converted files: listed, opened after checking their bytes, deleted. A model
// that cannot be stored can still be used; nothing here runs one.
import * as v from 'valibot';
import type { ConvertedModel } from '../../formats/model/convertedModel';
import { convertedModelParts, readConvertedModel } from '../../formats/model/convertedModel';
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
  /** The model, after checking every byte of its file. A missing or changed file is dropped with its entry,
   *  and StorageDamageError says so. onBytes: checked so far and in total. */
  open: (id: string, onBytes: (done: number, total: number) => void) => Promise<ConvertedModel>;
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

  return {
    async list() {
      const entries = await listRecords(storage, KEPT_MODEL_RECORDS);
      return entries
        .sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))
        .map(({ id, name, isDemo, byteLength, savedAt }) => {
          return { id, name, isDemo, byteLength, savedAt };
        });
    },
    async keep(model, isDemo) {
      const { id, name } = model;
      if ((await entryOf(id)) !== null) return;
      const written: Entry['parts'] = [];
      const source = hashed(convertedModelParts(model), written, parts.breathe);
      const file = await files.write(fileNameOf(id), source);
      const byteLength = written.reduce((sum, part) => sum + part.length, 0);
      const savedAt = new Date(parts.wallClock()).toISOString();
      const entry: Entry = { id, name, isDemo, byteLength, savedAt, file, parts: written };
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
    },
    async open(id, onBytes) {
      const entry = await entryOf(id);
      if (entry === null)
        throw new StorageDamageError(`${id} is no longer stored.`, 'Import the model again.');
      const blob = await files.read(entry.file);
      try {
        if (blob === null) throw damaged(entry, 'its file is gone');
        await checkParts(blob, entry, onBytes);
        return await readConvertedModel(blob, entry.name);
      } catch (cause) {
        // Anything else may be otherwise the next time.
        if (cause instanceof StorageDamageError || cause instanceof FormatError) await drop(id);
        throw cause;
      }
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
