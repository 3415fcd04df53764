// A folder of checkpoints from a drop or a picker: listed anew as often as asked, observed where the browser can.
import { counted } from '../core/text/counted';
import type { ModelFile } from '../engine/shared/api';
import type { RunFolder } from '../store/explore/followState';
import { filesOfEntry } from './files';

/** Chromium only, and not in TypeScript's library. */
type Observer = {
  observe: (handle: FileSystemHandle, o: { recursive: boolean }) => Promise<void>;
  disconnect: () => void;
};
type ObserverClass = new (onRecords: () => void) => Observer;
type HandleItem = DataTransferItem & {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
};

/** The first folder of a drop; null: none was dropped. To be called in the event itself. */
export function runFolderOfDrop(transfer: DataTransfer): RunFolder | null {
  for (const item of Array.from(transfer.items)) {
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory !== true) continue;
    // Asked for before the event ends; a browser that cannot is no failure.
    const handle = (item as HandleItem).getAsFileSystemHandle?.().catch(() => null) ?? null;
    return {
      name: entry.name,
      isLive: true,
      files: () => filesOfEntry(entry),
      observe: async (onNews, ended) => observe(await handle, onNews, ended),
    };
  }
  return null;
}

/** Files that were chosen: they stay as they are. */
export function runFolderOfFiles(files: readonly ModelFile[]): RunFolder {
  const path = files[0]?.path ?? '';
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : null;
  return {
    name: folder ?? counted(files.length, 'file'),
    isLive: false,
    files: () => Promise.resolve([...files]),
    observe: () => Promise.resolve(false),
  };
}

async function observe(
  handle: FileSystemHandle | null,
  onNews: () => void,
  ended: AbortSignal,
): Promise<boolean> {
  const { FileSystemObserver } = globalThis as { FileSystemObserver?: ObserverClass };
  if (handle === null || FileSystemObserver === undefined) return false;
  const observer = new FileSystemObserver(onNews);
  try {
    await observer.observe(handle, { recursive: true });
  } catch {
    // It may refuse a folder of the system; "Look again" is there instead.
    return false;
  }
  ended.addEventListener('abort', () => observer.disconnect());
  return true;
}
