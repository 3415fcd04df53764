// What the library asks of the place that it runs in, for a browser: addresses, folders that a person chose, files. Node's
// is src/node/machine.ts; the field `imports` of package.json chooses between them.
import demo from '../engine/demo.json';
import { ConfigError } from '../core/errors';
import type { FilePlace, Machine } from '../engine/machine';
import { modelOfStep, openModelFiles, tokenizerAmong } from '../engine/model/openModelFiles';
import { openSaeFiles } from '../engine/sae/openSaeFiles';
import { startSession, valueOf, type Session } from '../engine/session';
import type { ModelFile } from '../engine/shared/api';
import { CONFIG_FILE, SPARSITY_FILE, WEIGHTS_FILE } from '../formats/sae/saeFolder';
import { DEMO_FOLDER } from './demoFolder';
import { addressOf, below, fetchOrNull, filesAt, isFolder, lastPart } from './places';
import { makeWebParts } from './webParts';

/** The text beside a checkpoint, as the demo has it. */
const OWN_TEXT = 'corpus.jsonl';
const SAE_FILES: readonly string[] = [CONFIG_FILE, WEIGHTS_FILE];

async function openAddress({ engine }: Session, url: string, step: number | null) {
  const { models } = valueOf(await engine.model.listRemote(url));
  const found = step === null ? models[0] : modelOfStep(models, step);
  if (found === undefined) throw new ConfigError(`checkpoint: none at ${url}`, 'checkpoint');
  const { folder } = found;
  return valueOf(await engine.model.open({ kind: 'url', url, folder, step: found.step }));
}

/** Without those of SAEs, whose weights are no model's. */
function withoutSaes(files: readonly ModelFile[]): ModelFile[] {
  const folders = files.flatMap(({ path }) => {
    const at = path.lastIndexOf('/') + 1;
    return path.slice(at) === CONFIG_FILE ? [path.slice(0, at)] : [];
  });
  return files.filter(({ path }) => !folders.some((folder) => path.startsWith(folder)));
}

async function saeFiles(place: FilePlace): Promise<ModelFile[]> {
  const address = addressOf(place);
  const wanted = [...SAE_FILES, SPARSITY_FILE];
  const found =
    address === null
      ? (await filesAt(place)).filter(({ path }) => wanted.includes(lastPart(path)))
      : await Promise.all(wanted.map((name) => fetchOrNull(below(address, name))));
  const files = found.filter((file) => file !== null);
  const missing = SAE_FILES.find((name) => !files.some(({ path }) => lastPart(path) === name));
  if (missing === undefined) return files;
  throw new ConfigError(
    `sae-path: ${nameOf(place)} has no ${missing}; expected ${SAE_FILES.join(' and ')}`,
    'saePath',
  );
}

function nameOf(place: FilePlace): string {
  const address = addressOf(place);
  if (address !== null) return lastPart(address.pathname);
  if (isFolder(place)) return place.name || 'folder';
  const [first] = place as readonly File[];
  return first?.webkitRelativePath.split('/').at(-2) ?? first?.name ?? 'no files';
}

/** Those of a folder that hold an SAE, by name. */
async function saesIn(place: FilePlace): Promise<readonly FilePlace[]> {
  if (!isFolder(place)) return [place];
  const found: FileSystemDirectoryHandle[] = [];
  for await (const entry of place.values()) {
    if (entry.kind === 'file' && entry.name === CONFIG_FILE) return [place];
    if (entry.kind === 'directory' && (await fileIn(entry, CONFIG_FILE)) !== null)
      found.push(entry);
  }
  if (found.length > 0) {
    return found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  }
  throw new ConfigError(
    `sae-dir: no SAE in ${nameOf(place)}; an SAE is a folder with ${SAE_FILES.join(' and ')}`,
    'saeDir',
  );
}

/** null: the folder has no file of that name. */
async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  for await (const entry of folder.values()) {
    if (entry.kind === 'file' && entry.name === name) return entry.getFile();
  }
  return null;
}

async function read(place: FilePlace, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const address = addressOf(place);
  const blob =
    address !== null
      ? ((await fetchOrNull(below(address, name)))?.blob ?? null)
      : isFolder(place)
        ? await fileIn(place, name)
        : ((await filesAt(place)).find(({ path }) => lastPart(path) === name)?.blob ?? null);
  return blob === null ? null : new Uint8Array(await blob.arrayBuffer());
}

async function write(
  place: FilePlace,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  if (!isFolder(place)) {
    throw new ConfigError(
      `folder: ${nameOf(place)} cannot be written; in a browser, give a folder's handle (showDirectoryPicker, or navigator.storage.getDirectory)`,
      'folder',
    );
  }
  const parts = path.split('/');
  let folder = place;
  for (const part of parts.slice(0, -1)) {
    folder = await folder.getDirectoryHandle(part, { create: true });
  }
  const file = await folder.getFileHandle(parts.at(-1) ?? '', { create: true });
  const writable = await file.createWritable();
  await writable.write(bytes);
  await writable.close();
}

/** A worker has no document. */
async function pageMaker(): Promise<(title: string) => Document> {
  if (typeof document !== 'undefined') {
    return (title) => document.implementation.createHTMLDocument(title);
  }
  const { parseHTML } = await import('linkedom/worker');
  return (title) => {
    const page = parseHTML('<!doctype html><html><head><title></title></head><body></body></html>');
    page.document.title = title;
    return page.document;
  };
}

export const machine: Machine = {
  demo: {
    checkpoint: new URL(`nanochat-d4/${demo.modelFiles[0]}`, DEMO_FOLDER).href,
    text: new URL(OWN_TEXT, DEMO_FOLDER).href,
    sae: new URL('sae/', DEMO_FOLDER).href,
  },
  openSession: (o) => startSession(makeWebParts(o)),
  async openCheckpoint(session, { place, step = null, tokenizer }) {
    const address = addressOf(place);
    if (address !== null && tokenizer === undefined)
      return openAddress(session, address.href, step);
    if (address !== null) {
      throw new ConfigError(
        'tokenizer: of a checkpoint at an address it must lie beside it, or in ../../tokenizer/',
        'tokenizer',
      );
    }
    const files = withoutSaes(await filesAt(place));
    if (tokenizer !== undefined && tokenizerAmong(files) === undefined) {
      const folder = files[0]?.path.split('/').slice(0, -1) ?? [];
      for (const { path, blob } of await filesAt(tokenizer)) {
        files.push({ path: [...folder, lastPart(path)].join('/'), blob });
      }
    }
    return openModelFiles(session, files, step);
  },
  async openText({ engine }, { data, field, beside }) {
    const files =
      data !== undefined
        ? await filesAt(data)
        : addressOf(beside) === null
          ? (await filesAt(beside)).filter(({ path }) => lastPart(path) === OWN_TEXT)
          : [];
    if (data === undefined && files.length === 0) return;
    const source = { kind: 'files' as const, files, ...(field !== undefined && { field }) };
    valueOf(await engine.text.open(source));
  },
  openSae: async (session, place) => openSaeFiles(session, await saeFiles(place), nameOf(place)),
  saesIn,
  nameOf,
  read,
  write,
  isWritable: isFolder,
  pageMaker,
};
