// Files from a drop or a picker in the engine's form: a path and a blob. Reads no bytes.
import type { ModelFile } from '../engine/shared/api';

/** Deep enough for a checkpoint folder inside a base folder, but a dropped disk must not hang the page. */
const MAX_FILES = 2000;

export function filesOfList(list: FileList | readonly File[]): ModelFile[] {
  return Array.from(list, (file) => ({
    // Only files from a chosen folder have one.
    path: file.webkitRelativePath || file.name,
    blob: file,
  }));
}

/** Folders in a drop are walked; without the entries API only the flat files are used. */
export async function filesOfDrop(transfer: DataTransfer): Promise<ModelFile[]> {
  // Entries must be read before the first await, because the list is emptied after the event.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry());
  const flat = filesOfList(transfer.files);
  const found: ModelFile[] = [];
  for (const entry of entries) {
    if (entry !== null) await walk(entry, found);
  }
  return found.length > 0 ? found : flat;
}

/** What lies in a dropped folder now. */
export async function filesOfEntry(entry: FileSystemEntry): Promise<ModelFile[]> {
  const found: ModelFile[] = [];
  await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: ModelFile[]): Promise<void> {
  if (found.length >= MAX_FILES) return;
  if (entry.isFile) {
    const file = await fileOf(entry as FileSystemFileEntry);
    found.push({ path: entry.fullPath.replace(/^\//, ''), blob: file });
    return;
  }
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await walk(child, found);
}

/** nanochat's training text is thousands of shards: last, so that it crowds out neither model nor
 *  tokenizer. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  // readEntries answers in portions, an empty one is the last.
  for (;;) {
    const portion = await entriesOf(reader);
    if (portion.length === 0) break;
    children.push(...portion);
  }
  const isText = (child: FileSystemEntry) => Number(child.name.startsWith('base_data'));
  return children.sort((a, b) => isText(a) - isText(b));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/** Saves a blob under a name, as a click on a link would. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The click has taken its own reference by the next turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

type FolderPicker = (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

function folderPicker(): FolderPicker | null {
  // Chromium only, and not in TypeScript's library.
  const { showDirectoryPicker } = window as { showDirectoryPicker?: FolderPicker };
  return showDirectoryPicker === undefined
    ? null
    : (options) => showDirectoryPicker.call(window, options);
}

export function canSaveFolder(): boolean {
  return folderPicker() !== null;
}

/** Writes files into a folder that is asked for; false: none was chosen. */
export async function saveFolder(files: readonly ModelFile[]): Promise<boolean> {
  let folder: FileSystemDirectoryHandle | undefined;
  try {
    folder = await folderPicker()?.({ mode: 'readwrite' });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') return false;
    throw cause;
  }
  if (folder === undefined) return false;
  for (const { path, blob } of files) {
    const [name = '', ...above] = path.split('/').reverse();
    let place = folder;
    for (const part of above.reverse()) {
      place = await place.getDirectoryHandle(part, { create: true });
    }
    const writable = await (await place.getFileHandle(name, { create: true })).createWritable();
    await writable.write(blob);
    await writable.close();
  }
  return true;
}
