// Storage that dies: at one of its writes it throws before or after the write happened and never answers
// again, as a killed tab's does. What was written before stays in the storage below.
import type { Storage } from '../../../src/storage/storage';

export class KilledError extends Error {
  override readonly name = 'KilledError';
}

export type Death = {
  /** counted over putBlob, setFacts, updateFacts and delete, from 0 */
  atWrite: number;
  /** whether the fatal write still reaches the disk */
  isWritten: boolean;
};

export function makeMortalStorage(disk: Storage, death: Death | null): Storage {
  let writes = 0;
  let isDead = false;
  const alive = () => {
    if (isDead) throw new KilledError('the tab is gone');
  };
  const write = async <T>(act: () => Promise<T>): Promise<T> => {
    alive();
    if (death === null || writes++ !== death.atWrite) return act();
    isDead = true;
    if (death.isWritten) await act();
    throw new KilledError(`killed at write ${death.atWrite}`);
  };
  return {
    ...disk,
    getFacts: (key) => {
      alive();
      return disk.getFacts(key);
    },
    putBlob: (key, bytes) => write(() => disk.putBlob(key, bytes)),
    setFacts: (key, facts) => write(() => disk.setFacts(key, facts)),
    updateFacts: (key, change) => write(() => disk.updateFacts(key, change)),
    delete: (key) => write(() => disk.delete(key)),
  };
}
