// Kept models: the round trip, tampering, a full disk, and a killed tab.
import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { identifyModel } from '../../../../src/engine/model/modelIdentity';
import { createModelShelf } from '../../../../src/engine/model/modelShelf';
import type { ConvertedModel } from '../../../../src/formats/model/convertedModel';
import { readNanochatFolder } from '../../../../src/formats/model/nanochatFolder';
import { createMemoryFileStore, type FileStore } from '../../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';

// Hashes of megabytes, while other tests share the cores.
const { id: ID, names: FILES } = DEMO_MODEL;
let model: ConvertedModel;

beforeAll(async () => {
  const files = FILES.map(async (path) => ({
    path,
    blob: await openAsBlob(`public/demo/nanochat-d4/${path}`),
  }));
  const { name, checkpoint, tokenizer } = await readNanochatFolder(await Promise.all(files));
  model = { id: ID, name, stage: { isChat: false, why: 'A test.' }, checkpoint, tokenizer };
});

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** spoil: from now on the files kept so far read as changed. */
function makeShelf(disk: FileStore = createMemoryFileStore()) {
  const storage = createMemoryStorage();
  const wallClock = () => Date.UTC(2026, 10, 24, 8);
  const spoilt = new Map<string, Change>();
  const files: FileStore = {
    ...disk,
    async read(name) {
      const [blob, change] = [await disk.read(name), spoilt.get(name)];
      if (blob === null || change === undefined) return blob;
      return new Blob([change(new Uint8Array(await blob.arrayBuffer()))]);
    },
  };
  const spoil = async (change: Change) => {
    for (const name of await disk.list()) spoilt.set(name, change);
  };
  const shelf = createModelShelf(makeNodeParts({ files, storage, wallClock }));
  return { shelf, files, storage, spoil };
}

const quiet = () => undefined;

describe('a kept model', () => {
  it('keeps what a file of transformers says of its own, and what it was trained for', async () => {
    const { shelf } = makeShelf();
    const { checkpoint } = model;
    const own = {
      logitSoftcap: 20,
      normEps: 1e-6,
      rotaryBase: 50_000,
      rotaryDtype: 'bf16',
    } as const;
    const revision = { ...checkpoint.revision, ...own };
    const stage = { isChat: true, why: 'Its folder says so.' };
    await shelf.keep({ ...model, stage, checkpoint: { ...checkpoint, revision } }, false);
    const back = await shelf.open(ID, quiet);
    expect(back.checkpoint.revision).toMatchObject(own);
    expect(back.stage).toEqual(stage);
  });

  it('comes back value for value, with the tokenizer and the id it had', async () => {
    const { shelf } = makeShelf();
    await shelf.keep(model, true);
    const seen: number[] = [];
    const back = await shelf.open(ID, (done, total) => seen.push(done / total));
    expect(seen.at(-1)).toBe(1);
    const { config, revision, step, valBpb, parameterCount } = model.checkpoint;
    expect(back.checkpoint).toMatchObject({ config, step, valBpb, parameterCount });
    expect(back.checkpoint.revision.name).toBe(revision.name);
    const dtypes = (m: ConvertedModel) =>
      [...m.checkpoint.tensors].map(([name, tensor]) => [name, tensor.dtype, tensor.shape]);
    expect(dtypes(back)).toEqual(dtypes(model));
    // The identity covers every value of every tensor and every token.
    const again = await identifyModel(back.checkpoint, back.tokenizer, () => Promise.resolve());
    expect(`demo~${again}`).toBe(ID);
  });

  it('is listed with its size and date until it is deleted', async () => {
    const { shelf, files } = makeShelf();
    await shelf.keep(model, true);
    await shelf.keep(model, true);
    const [name, ...others] = await files.list();
    expect(name).toMatch(new RegExp(`^demo_${DEMO_MODEL.id.slice(5)}#.*\\.safetensors$`));
    expect(others).toEqual([]);
    const listed = await shelf.list();
    expect(listed).toEqual([
      {
        id: ID,
        name: model.name,
        isDemo: true,
        byteLength: (await files.read(name!))!.size,
        savedAt: '2026-11-24T08:00:00.000Z',
      },
    ]);
    await shelf.delete(ID);
    expect(await shelf.list()).toEqual([]);
    expect(await files.list()).toEqual([]);
  });

  it.each<[string, Change, RegExp]>([
    [
      'changed in one byte of its weights',
      (bytes) => (bytes.set([bytes.at(-9)! ^ 1], bytes.length - 9), bytes),
      /bytes after \d+ have changed\. It was removed\./,
    ],
    ['cut off', (bytes) => bytes.slice(0, -100), /it has \d+ bytes instead of \d+/],
  ])('that was %s is refused and dropped, and can be kept anew', async (_what, change, message) => {
    const { shelf, spoil } = makeShelf();
    await shelf.keep(model, true);
    await spoil(change);
    await expect(shelf.open(ID, quiet)).rejects.toThrow(message);
    expect(await shelf.list()).toEqual([]);
    await shelf.keep(model, true);
    expect((await shelf.open(ID, quiet)).id).toBe(ID);
  });

  it('whose file is gone says so', async () => {
    const { shelf, files } = makeShelf();
    await shelf.keep(model, true);
    for (const name of await files.list()) await files.remove(name);
    await expect(shelf.open(ID, quiet)).rejects.toThrow('its file is gone');
  });

  it('is not listed when the disk was full', async () => {
    const { shelf } = makeShelf(createMemoryFileStore(1_000_000));
    await expect(shelf.keep(model, true)).rejects.toThrow('over the quota of 1000000');
    expect(await shelf.list()).toEqual([]);
  });

  it('stays where reading fails in a way that may pass (7.2)', async () => {
    const disk = createMemoryFileStore();
    let isBusy = true;
    const read: FileStore['read'] = (name) =>
      isBusy ? Promise.reject(new Error('the disk is busy')) : disk.read(name);
    const { shelf } = makeShelf({ ...disk, read });
    await shelf.keep(model, true);
    await expect(shelf.open(ID, quiet)).rejects.toThrow('the disk is busy');
    isBusy = false;
    expect((await shelf.open(ID, quiet)).id).toBe(ID);
  });
});
