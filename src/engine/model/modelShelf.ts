// Earlier imports, stored as converted files: listed, opened after checking their bytes, deleted. A model
// that cannot be stored can still be used; nothing here runs one.
import * as v from 'valibot';
import type { ConvertedModel } from '../../formats/model/convertedModel';
import { convertedModelParts, readConvertedModel } from '../../formats/model/convertedModel';
import { sha256Hex, StorageDamageError } from '../../storage/storage';
import type { KeptModel } from './api';
import type { EngineParts } from '../parts';

const PREFIX = 'kept-model/';

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

export type ModelShelf = {
  /** newest first; entries that cannot be read are left out */
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
  const entryOf = async (id: string): Promise<Entry | null> => {
    const parsed = v.safeParse(Entry, await storage.getFacts(PREFIX + id));
    return parsed.success ? parsed.output : null;
  };
  const drop = async (id: string) => {
    await storage.delete(PREFIX + id);
    await files.remove(fileOf(id));
  };

  return {
    async list() {
      const keys = await storage.keys(PREFIX);
      const entries = await Promise.all(keys.map((key) => entryOf(key.slice(PREFIX.length))));
      return entries
        .filter((entry) => entry !== null)
        .sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))
        .map(({ id, name, isDemo, byteLength, savedAt }) => {
          return { id, name, isDemo, byteLength, savedAt };
        });
    },
    async keep(model, isDemo) {
      const { id, name } = model;
      if ((await entryOf(id)) !== null) return;
      const file = fileOf(id);
      const written: Entry['parts'] = [];
      await files.write(file, hashed(convertedModelParts(model), written, parts.breathe));
      const byteLength = written.reduce((sum, part) => sum + part.length, 0);
      const savedAt = new Date(parts.wallClock()).toISOString();
      const entry: Entry = { id, name, isDemo, byteLength, savedAt, file, parts: written };
      await storage.setFacts(PREFIX + id, entry);
    },
    async open(id, onBytes) {
      const entry = await entryOf(id);
      if (entry === null) throw new StorageDamageError(`${id}: no longer stored; import it again`);
      const blob = await files.read(entry.file);
      try {
        if (blob === null) throw damaged(entry, 'its file is gone');
        await checkParts(blob, entry, onBytes);
        return await readConvertedModel(blob, entry.name);
      } catch (cause) {
        await drop(id);
        throw cause;
      }
    },
    delete: drop,
  };
}

/** On some systems OPFS does not accept "~". */
function fileOf(id: string): string {
  return `${id.replace(/[^\w.-]/g, '_')}.safetensors`;
}

function damaged(entry: Entry, what: string): StorageDamageError {
  return new StorageDamageError(
    `The kept copy of ${entry.name} cannot be used: ${what}. It was removed; import the model again`,
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
