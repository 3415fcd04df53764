import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { inspectFolder, readNanochatFolder } from '../../../../src/formats/model/nanochatFolder';
import type { DroppedFile } from '../../../../src/formats/model/nanochatFolder';
import { DEMO_MODEL } from '../../../helpers/model/demoFiles';
import { blobOf, tokenizerPickle } from '../archives/pickleBuilder';

const { folder: DEMO, step: STEP, val_bpb: BPB } = DEMO_MODEL;
const META = DEMO_MODEL.meta;
const MODEL = DEMO_MODEL.model;
const OPTIMISER = MODEL.replace('model', 'optim').replace('.pt', '_rank0.pt');
let model: Blob;
let meta: Blob;
let tokenizer: Blob;
beforeAll(async () => {
  model = await openAsBlob(`${DEMO}/${MODEL}`);
  meta = await openAsBlob(`${DEMO}/${META}`);
  tokenizer = await openAsBlob(`${DEMO}/tokenizer.pkl`);
});

const CHECKPOINTS = 'nanochat/base_checkpoints/d4';
const nanochatHome = (): DroppedFile[] => [
  { path: `${CHECKPOINTS}/${OPTIMISER}`, blob: new Blob(['never read']) },
  { path: `${CHECKPOINTS}/${MODEL}`, blob: model },
  { path: `${CHECKPOINTS}/${META}`, blob: meta },
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
      step: STEP,
      valBpb: BPB,
      parameterCount: 7_340_162,
      byteLength: DEMO_MODEL.byteLength,
      revision: { name: 'r5' },
    });
    expect(folder.checkpoint.tensors.get('smear_lambda')?.shape).toEqual([1]);
    expect(folder.tokenizer.specialTokens.get('<|bos|>')).toBe(4087);
    expect(seen.at(0)).toBe('0/3 tokenizer.pkl');
    expect(seen.at(-1)).toBe(`3/3 ${MODEL}`);
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
        blob: new Blob([(await meta.text()).replace(`${STEP}`, '1000000')]),
      },
    ];
    expect((await readNanochatFolder(files)).checkpoint.step).toBe(1_000_000);
    expect((await readNanochatFolder(files, { step: STEP })).checkpoint.step).toBe(STEP);
    expect(await refusal(files, 5)).toContain('model of step 5 in "any folder" (found: 1000000 in');
  });

  it.each<[string, string, string]>([
    ['the model', '.pt', 'no model_<step>.pt among the '],
    ['its meta', META, `no ${META} among the `],
    ['the tokenizer', 'tokenizer.pkl', '~/.cache/nanochat/tokenizer'],
  ])('says that %s is missing and where it is kept', async (_, name, sentence) => {
    expect(await refusal(without(name))).toContain(sentence);
  });

  it('opens files that a browser numbered as second downloads (7.25)', async () => {
    const files = nanochatHome().map(({ path, blob }) => ({
      path: path.replace(/\b(model|meta)_(\d+)/, '$1_$2 (1)'),
      blob,
    }));
    expect((await readNanochatFolder(files)).checkpoint.step).toBe(STEP);
    // Beside the original it is the same file again, not a second choice.
    const both = [...nanochatHome(), ...files.filter(({ path }) => path.endsWith('(1).pt'))];
    expect(await inspectFolder(both)).toHaveLength(1);
  });

  it.each([
    ['pytorch_model.bin', 'safe_serialization=True'],
    ['sae_weights.safetensors', 'an SAE, not a model'],
    [OPTIMISER, 'has no weights of the model'],
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
        blob: new Blob([(await meta.text()).replace(`${STEP}`, '200')]),
      },
      { path: `${CHECKPOINTS}/model_000800.pt`, blob: model },
      { path: `${CHECKPOINTS}/meta_000800.json`, blob: new Blob(['{ cut off']) },
    ];
    const offered = await inspectFolder(files);
    expect(offered.map((c) => [c.stage, c.tag, c.step, c.valBpb])).toEqual([
      ['sft', 'd4', 200, BPB],
      ['base', 'd4', STEP, BPB],
      ['base', 'd4', 800, null],
    ]);
    expect(offered[0]?.byteLength).toBe(model.size);
    const latest = await readNanochatFolder(files);
    expect([latest.checkpoint.step, latest.stage.isChat]).toEqual([200, true]);
    const base = await readNanochatFolder(files, { folder: CHECKPOINTS, step: STEP });
    expect([base.checkpoint.step, base.stage.isChat]).toEqual([STEP, false]);
  });

  it('tells the stage by the meta file that it read, a second download included', async () => {
    const chat = JSON.stringify({
      ...(JSON.parse(await meta.text()) as object),
      user_config: { gsm8k_epochs: 4 },
    });
    const folder = await readNanochatFolder([
      { path: MODEL.replace('.pt', ' (1).pt'), blob: model },
      { path: META.replace('.json', ' (1).json'), blob: new Blob([chat]) },
      { path: 'tokenizer.pkl', blob: tokenizer },
    ]);
    expect(folder.stage.why).toContain('gsm8k_epochs');
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
      `258 tokens, but vocab_size in ${META} is 4096`,
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
      ...without(MODEL),
      { path: `${CHECKPOINTS}/${MODEL}`, blob: counted },
    ]);
    expect(bytes).toBeLessThan(80_000);
  });
});
