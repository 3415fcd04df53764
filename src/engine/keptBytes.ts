// Results computed once from an SAE, stored by its id and recomputed if they are lost.
import * as v from 'valibot';
import { deleteRecord, repoint } from '../storage/pointers';
import { BlobPointerSchema } from '../storage/records';
import { StorageDamageError, type Storage } from '../storage/storage';

export type KeptBytes = {
  /** null: never stored, missing or changed */
  read: (saeId: string) => Promise<Uint8Array | null>;
  write: (saeId: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  forget: (saeId: string) => Promise<void>;
};

/** facts, blobs: prefixes of their keys. */
export function makeKeptBytes(storage: Storage, o: { facts: string; blobs: string }): KeptBytes {
  return {
    async read(saeId) {
      const pointer = v.safeParse(BlobPointerSchema, await storage.getFacts(o.facts + saeId));
      if (!pointer.success) return null;
      try {
        return await storage.getBlob(pointer.output);
      } catch (cause) {
        if (cause instanceof StorageDamageError) return null;
        throw cause;
      }
    },
    async write(saeId, bytes) {
      const pointer = await storage.putBlob(o.blobs + saeId, bytes);
      await repoint(storage, o.facts + saeId, () => pointer, [pointer]);
    },
    forget: (saeId) => deleteRecord(storage, o.facts + saeId),
  };
}
