import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { inspectFolder, readNanochatFolder } from '../../../../src/formats/model/nanochatFolder';
import type { DroppedFile } from '../../../../src/formats/model/nanochatFolder';
import { blobOf, tokenizerPickle } from '../archives/pickleBuilder';

const DEMO = 'public/demo/nanochat-d4';
let model: Blob;
let meta: Blob;
let tokenizer: Blob;
beforeAll(async () => {
  model = await openAsBlob(`${DEMO}/model_000911.pt`);
  meta = await openAsBlob(`${DEMO}/meta_000911.json`);
  tokenizer = await openAsBlob(`${DEMO}/tokenizer.pkl`);
});

const CHECKPOINTS = 'nanochat/base_checkpoints/d4';
const nanochatHome = (): DroppedFile[] => [
  { path: `${CHECKPOINTS}/optim_000911_rank0.pt`, blob: new Blob(['never read']) },
  { path: `${CHECKPOINTS}/model_000911.pt`, blob: model },
  { path: `${CHECKPOINTS}/meta_000911.json`, blob: meta },
  { path: 'nanochat/tokenizer/tokenizer.pkl', blob: tokenizer },
  { path: 'nanochat/tokenizer/token_bytes.pt', blob: new Blob(['never read']) },
];
const refusal = (files: DroppedFile[], step?: number) =>
  readNanochatFolder(files, step === undefined ? {} : { step }).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );
const without = (name: string) => nanochatHome().filter((file) => !file.path.endsWith(name));

describe('readNanochatFolder', () => {
  it("reads nanochat's own folders", async () => {
    const seen: string[] = [];
    const folder = await readNanochatFolder(nanochatHome(), {
      onProgress: (done, total, what) => seen.push(`${done}/${total} ${what}`),
    });
    expect(folder.name).toBe('d4');
    expect(folder.checkpoint).toMatchObject({
      step: 911,
      valBpb: 1.0986155629164263,
      parameterCount: 7_340_162,
      byteLength: 23_079_797,
      revision: { name: 'r5' },
    });
    expect(folder.checkpoint.tensors.get('smear_lambda')?.shape).toEqual([1]);
    expect(folder.tokenizer.specialTokens.get('<|bos|>')).toBe(4087);
    expect(seen.at(0)).toBe('0/3 tokenizer.pkl');
    expect(seen.at(-1)).toBe('3/3 model_000911.pt');
  });

  it('names files without a folder by their depth', async () => {
    const flat = nanochatHome().map(({ path, blob }) => ({ path: path.split('/').at(-1)!, blob }));
    expect((await readNanochatFolder(flat)).name).toBe('nanochat-d4');
  });

  it('takes the latest of several steps, by number, or the one asked for', async () => {
    const files = [
      ...nanochatHome(),
      { path: `${CHECKPOINTS}/model_1000000.pt`, blob: model },
      {
        path: `${CHECKPOINTS}/meta_1000000.json`,
        blob: new Blob([(await meta.text()).replace('911', '1000000')]),
      },
    ];
    expect((await readNanochatFolder(files)).checkpoint.step).toBe(1_000_000);
    expect((await readNanochatFolder(files, { step: 911 })).checkpoint.step).toBe(911);
    expect(await refusal(files, 5)).toContain('model of step 5 in "any folder" (found: 1000000 in');
  });

  it.each<[string, string, string]>([
    ['the model', '.pt', 'model_<step>.pt is missing'],
    ['its meta', 'meta_000911.json', 'meta_000911.json is missing'],
    ['the tokenizer', 'tokenizer.pkl', '~/.cache/nanochat/tokenizer'],
  ])('says that %s is missing and where it is kept', async (_, name, sentence) => {
    expect(await refusal(without(name))).toContain(sentence);
  });

  it('opens files that a browser numbered as second downloads (7.25)', async () => {
    const files = nanochatHome().map(({ path, blob }) => ({
      path: path.replace(/\b(model|meta)_000911/, '$1_000911 (1)'),
      blob,
    }));
    expect((await readNanochatFolder(files)).checkpoint.step).toBe(911);
    // Beside the original it is the same file again, not a second choice.
    const both = [...nanochatHome(), ...files.filter(({ path }) => path.endsWith('(1).pt'))];
    expect(await inspectFolder(both)).toHaveLength(1);
  });

  it.each([
    ['pytorch_model.bin', 'safe_serialization=True'],
    ['sae_weights.safetensors', 'an SAE, not a model'],
    ['optim_000911_rank0.pt', 'has no weights of the model'],
  ])('says what %s is where no model is there (7.25)', async (name, sentence) => {
    expect(await refusal([{ path: name, blob: new Blob(['x']) }])).toContain(sentence);
  });

  it('refuses an empty drop', async () => {
    expect(await refusal([])).toContain('no files');
  });

  it('offers several folders side by side and opens the one asked for', async () => {
    const tuned = 'nanochat/chatsft_checkpoints/d4';
    const files = [
      ...nanochatHome(),
      { path: `${tuned}/model_000200.pt`, blob: model },
      {
        path: `${tuned}/meta_000200.json`,
        blob: new Blob([(await meta.text()).replace('911', '200')]),
      },
      { path: `${CHECKPOINTS}/model_000800.pt`, blob: model },
      { path: `${CHECKPOINTS}/meta_000800.json`, blob: new Blob(['{ cut off']) },
    ];
    const offered = await inspectFolder(files);
    expect(offered.map((c) => [c.stage, c.tag, c.step, c.valBpb])).toEqual([
      ['sft', 'd4', 200, 1.0986155629164263],
      ['base', 'd4', 911, 1.0986155629164263],
      ['base', 'd4', 800, null],
    ]);
    expect(offered[0]?.byteLength).toBe(model.size);
    expect((await readNanochatFolder(files)).checkpoint.step).toBe(200);
    const base = await readNanochatFolder(files, { folder: CHECKPOINTS, step: 911 });
    expect(base.checkpoint.step).toBe(911);
  });

  it('refuses to guess between tokenizers, but prefers the one beside the model', async () => {
    const other = { path: 'elsewhere/tokenizer.pkl', blob: new Blob(['another']) };
    expect(await refusal([...nanochatHome(), other])).toContain('2 files are named tokenizer.pkl');
    const beside = { path: `${CHECKPOINTS}/tokenizer.pkl`, blob: tokenizer };
    expect(await refusal([...without('tokenizer.pkl'), beside, other])).toBe('read');
  });

  it('refuses the tokenizer of another model', async () => {
    const small = { path: 'tokenizer.pkl', blob: blobOf(tokenizerPickle({})) };
    expect(await refusal([...without('tokenizer.pkl'), small])).toContain(
      '258 tokens, but vocab_size in meta_000911.json is 4096',
    );
  });

  it('reads no weight', async () => {
    let bytes = 0;
    const counted = new Proxy(model, {
      get: (target, key) =>
        key === 'size'
          ? target.size
          : (start: number, end: number) => {
              bytes += end - start;
              return target.slice(start, end);
            },
    });
    await readNanochatFolder([
      ...without('model_000911.pt'),
      { path: `${CHECKPOINTS}/model_000911.pt`, blob: counted },
    ]);
    expect(bytes).toBeLessThan(80_000);
  });
});
