// Everything that an engine stores in, behind one counter of writes: at one of them the tab is killed. What was
// written before stays on the disks below.
import type { EngineParts } from '../../../src/engine/parts';
import type { FileStore } from '../../../src/storage/fileStore';
import type { PieceStore } from '../../../src/storage/pieceStore';
import type { Storage } from '../../../src/storage/storage';
import { KilledError, type Death } from './mortalStorage';

export type Disks = Pick<EngineParts, 'storage' | 'files' | 'pieces'>;

/** writes: how many were begun so far. */
export function makeMortalParts(
  disks: Disks,
  death: Death | null,
): Disks & { writes: () => number } {
  let writes = 0;
  let isDead = false;
  const alive = () => {
    if (isDead) throw new KilledError('the tab is gone');
  };
  const read =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      alive();
      return act(...args);
    };
  const write =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      alive();
      const isFatal = writes++ === death?.atWrite;
      if (!isFatal) return act(...args);
      isDead = true;
      if (death.isWritten) await act(...args);
      throw new KilledError(`killed at write ${death.atWrite}`);
    };
  const { storage, files, pieces } = disks;
  const mortalStorage: Storage = {
    getFacts: read(storage.getFacts),
    setFacts: write(storage.setFacts),
    updateFacts: write(storage.updateFacts),
    putBlob: write(storage.putBlob),
    getBlob: read(storage.getBlob),
    delete: write(storage.delete),
    keys: read(storage.keys),
    blobKeys: read(storage.blobKeys),
  };
  const mortalFiles: FileStore = {
    write: write(files.write),
    read: read(files.read),
    remove: write(files.remove),
    list: read(files.list),
  };
  const mortalPieces: PieceStore = {
    get: read(pieces.get),
    set: write(pieces.set),
    delete: write(pieces.delete),
    keys: read(pieces.keys),
  };
  return { storage: mortalStorage, files: mortalFiles, pieces: mortalPieces, writes: () => writes };
}
