// Files that SAELens, sparsify and dictionary_learning wrote (tests/peers/saelens/write_theirs.py): read as those
// tools compute them. How an SAE is told from its files, and what is said where that fails.
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import type { TopKParams } from '../../../../src/core/sae/sae';
import { unzipFiles, zipFiles } from '../../../../src/formats/archives/archive';
import { openSae } from '../../../../src/formats/sae/openSae';
import { saeFileLimit } from '../../../../src/formats/sae/saeFolder';
import { filesBySae } from '../../../../src/formats/sae/severalSaes';
import { formatSparsify } from '../../../../src/formats/sae/sparsify';
import { makeSaeParams } from '../../../helpers/cases';
import {
  computedHere,
  differences,
  dropOfPeer,
  readPeer,
  readPeers,
  type PeerCase,
} from '../../../helpers/sae/peerSaes';
import { blobOf } from '../archives/pickleBuilder';

const ROOT = 'tests/fixtures/saes';
const peers = await readPeers(ROOT);
const named = (name: string): PeerCase => {
  const peer = peers.saes.find((one) => one.name === name);
  if (peer === undefined) throw new Error(`no ${name} among the fixtures`);
  return peer;
};
type Drop = Awaited<ReturnType<typeof dropOfPeer>>;
const refusal = (files: Drop, known?: Parameters<typeof openSae>[1]) =>
  openSae(files, known).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );
/** The JSON file of that name changed. */
const withJson = async (peer: string, name: string, change: (json: object) => object) =>
  Promise.all(
    (await dropOfPeer(ROOT, named(peer))).map(async (file) => {
      if (!file.path.endsWith(`/${name}`)) return file;
      const json = JSON.parse(await file.blob.text()) as object;
      return { ...file, blob: new Blob([JSON.stringify(change(json))]) };
    }),
  );

describe('an SAE that another tool wrote', () => {
  it.each(peers.saes.map((peer) => [peer.name, peer] as const))(
    'is read as its tool computes it: %s (7.25)',
    async (_, peer) => {
      const parsed = await readPeer(ROOT, peer);
      expect(parsed.form).toBe(peer.tool);
      expect(parsed.hookName).toBe(peer.hook);
      const { encode, decode } = differences(parsed, peer, peers);
      expect(encode).toBeLessThan(1e-6);
      expect(decode).toBeLessThan(1e-6);
    },
  );

  it('is found out to be 20 SAEs of four tools', () => {
    const tools = peers.saes.map(({ tool }) => tool);
    expect(tools).toHaveLength(20);
    expect(new Set(tools).size).toBe(4);
  });

  it('says of itself what its files say', async () => {
    const lens = await readPeer(ROOT, named('saelens-topk'));
    expect(lens.modelName).toBe('org/nanochat-d4');
    expect(lens.facts).toMatchObject({
      contextSize: 64,
      prependBos: false,
      datasetPath: 'org/corpus',
    });
    expect(lens.carried.metadata).toMatchObject({
      seqpos_slice: [1, -1],
      dataset: { split: 'train' },
    });
    expect(lens.facts.fireRates?.[19]).toBeCloseTo(0.1, 5);
    const learnt = await readPeer(ROOT, named('dictionary_learning-BatchTopKSAE'));
    expect(learnt.modelName).toBe('org/nanochat-d4');
    expect(learnt.facts).toMatchObject({ architecture: 'batchtopk', k: 3, contextSize: 64 });
  });

  it('may come in a zip', async () => {
    for (const name of ['sparsify-unit', 'dictionary_learning-AutoEncoder', 'openai-relu']) {
      const peer = named(name);
      const drop = await dropOfPeer(ROOT, peer);
      const entries = drop.map(async ({ path, blob }) => {
        return [path, new Uint8Array(await blob.arrayBuffer())] as const;
      });
      const zip = blobOf(zipFiles(new Map(await Promise.all(entries))));
      const files = await unzipFiles(zip, 'x.zip', { limitOf: saeFileLimit });
      expect((await openSae(files)).form).toBe(peer.tool);
    }
  });
});

it('are told apart in one zip of all of them', async () => {
  const drops = await Promise.all(peers.saes.map((peer) => dropOfPeer(ROOT, peer)));
  const entries = drops.flat().map(async ({ path, blob }) => {
    return [path, new Uint8Array(await blob.arrayBuffer())] as const;
  });
  const zip = blobOf(zipFiles(new Map(await Promise.all(entries))));
  const found = filesBySae(await unzipFiles(zip, 'x.zip', { limitOf: saeFileLimit }));
  const read = await Promise.all(found.map(async ({ files }) => (await openSae(files)).hookName));
  const hooks = peers.saes.map(({ hook }) => hook);
  expect(read.toSorted()).toEqual(hooks.toSorted());
});

describe('openSae', () => {
  it('says what it found and what it looked for', async () => {
    const text = await refusal([{ path: 'x/photo.jpg', blob: new Blob(['x']) }]);
    expect(text).toContain('no SAE among "photo.jpg"');
    for (const tool of ['SAELens', 'sparsify', 'dictionary_learning', 'OpenAI']) {
      expect(text).toContain(tool);
    }
    expect(await refusal([])).toContain('no SAE among no files');
  });

  it('needs to know where in the model an SAE belongs, and guesses nothing', async () => {
    const drop = await dropOfPeer(ROOT, named('sparsify-unit'));
    const bare = drop.map((file) => ({ ...file, path: file.path.split('/').at(-1) ?? '' }));
    expect(await refusal(bare)).toContain('nothing says where in the model this SAE belongs');
    const known = await openSae(bare, { hookPoint: 'blocks.3.hook_mlp_out' });
    expect(known.hookName).toBe('blocks.3.hook_mlp_out');
  });

  it.each<[string, string, string, (json: object) => object, string]>([
    [
      'a transcoder of a block',
      'sparsify-unit',
      'cfg.json',
      (c) => ({ ...c, transcode: true }),
      'transcode true at blocks.1.hook_resid_post',
    ],
    [
      'a skip',
      'sparsify-unit',
      'cfg.json',
      (c) => ({ ...c, skip_connection: true }),
      'skip_connection',
    ],
    [
      'groupmax',
      'sparsify-unit',
      'cfg.json',
      (c) => ({ ...c, activation: 'groupmax' }),
      'groupmax',
    ],
    [
      'a width that is none',
      'sparsify-unit',
      'cfg.json',
      (c) => ({ ...c, d_in: 0 }),
      'cfg.json: d_in',
    ],
    ['another width', 'sparsify-unit', 'cfg.json', (c) => ({ ...c, d_in: 9 }), 'found [20, 8]'],
    ['k above the width', 'sparsify-unit', 'cfg.json', (c) => ({ ...c, k: 21 }), 'k 21, 20'],
    [
      'a class that is not read',
      'dictionary_learning-AutoEncoder',
      'config.json',
      (c) => ({
        ...c,
        trainer: { ...(c as { trainer: object }).trainer, dict_class: 'CrossCoder' },
      }),
      'dict_class "CrossCoder"',
    ],
    [
      'tensors of another class',
      'dictionary_learning-AutoEncoder',
      'config.json',
      (c) => ({
        ...c,
        trainer: { ...(c as { trainer: object }).trainer, dict_class: 'BatchTopKSAE' },
      }),
      'unexpected tensors "bias"',
    ],
    [
      'no trainer',
      'dictionary_learning-AutoEncoder',
      'config.json',
      () => ({}),
      'config.json: trainer',
    ],
  ])('refuses %s by name', async (_, peer, file, change, sentence) => {
    expect(await refusal(await withJson(peer, file, change))).toContain(sentence);
  });

  it('says which of two files is missing', async () => {
    for (const [peer, kept, missing] of [
      ['sparsify-unit', 'cfg.json', 'sae.safetensors'],
      ['sparsify-unit', 'sae.safetensors', 'cfg.json'],
      ['dictionary_learning-AutoEncoder', 'config.json', 'ae.pt'],
      ['dictionary_learning-AutoEncoder', 'ae.pt', 'config.json'],
    ] as const) {
      const drop = await dropOfPeer(ROOT, named(peer));
      const text = await refusal(drop.filter(({ path }) => path.endsWith(`/${kept}`)));
      expect(text).toContain(missing);
    }
  });

  it('says of a file of torch.save that is no SAE what it holds', async () => {
    const drop = await dropOfPeer(ROOT, named('dictionary_learning-AutoEncoder'));
    const pickle = drop.filter(({ path }) => path.endsWith('ae.pt'));
    const text = await refusal(pickle.map((file) => ({ ...file, path: 'x/model.pt' })));
    expect(text).toContain("model.pt: not an SAE of OpenAI's form");
    expect(text).toContain('"encoder.weight"');
  });
});

describe('formatSparsify', () => {
  const params = makeSaeParams({ seed: 3, d_in: 6, d_sae: 10, k: 2 });
  const FACTS = { hookPoint: 'blocks.2.hook_resid_pre', modelId: 'd4~ab' } as const;
  const drop = (files: ReadonlyMap<string, Uint8Array>) =>
    [...files].map(([path, bytes]) => ({ path, blob: blobOf(bytes) }));

  it('names the folder as sparsify does, and where it has no name for the place as here', () => {
    const folder = (hookPoint: Parameters<typeof formatSparsify>[1]['hookPoint']) =>
      [...formatSparsify(params, { ...FACTS, hookPoint }).keys()][0];
    expect(folder('blocks.2.hook_resid_post')).toBe('layers.2/cfg.json');
    expect(folder('blocks.2.hook_mlp_out')).toBe('layers.2.mlp/cfg.json');
    expect(folder('blocks.2.hook_resid_pre')).toBe('blocks.2.hook_resid_pre/cfg.json');
  });

  it('comes back bit for bit, with its place and its model', async () => {
    const read = await openSae(drop(formatSparsify(params, FACTS)));
    expect(read.params).toEqual(params);
    expect([read.form, read.hookName, read.modelName]).toEqual([
      'sparsify',
      FACTS.hookPoint,
      'd4~ab',
    ]);
  });

  it('keeps what an SAE computes that takes nothing off its input', async () => {
    const plain: TopKParams = { ...params, applyBDecToInput: false };
    const read = await openSae(drop(formatSparsify(plain, FACTS)));
    const x = Array.from({ length: 6 * 4 }, (_, i) => Math.sin(3 * i));
    const rows = { d_in: 6, d_sae: 10, rows: 4, x };
    const { encode, decode } = differences(read, computedHere(plain, rows), rows);
    expect(encode).toBeLessThan(1e-6);
    expect(decode).toBeLessThan(1e-6);
  });

  it('writes a transcoder as one of the MLP it rebuilds', async () => {
    const coder: TopKParams = { ...params, applyBDecToInput: false };
    const hookPoint = 'blocks.2.ln2.hook_normalized';
    const files = formatSparsify(coder, { ...FACTS, hookPoint });
    expect([...files.keys()][0]).toBe('layers.2.mlp/cfg.json');
    // Its folder alone says the place, as in a folder of sparsify's own.
    const theirs = drop(files).filter(({ path }) => !path.endsWith('nanoscope.json'));
    const read = await openSae(theirs);
    expect([read.hookName, read.facts.architecture]).toEqual([hookPoint, 'transcoder']);
    expect(read.params).toEqual(coder);
  });

  it('has no room for other architectures', () => {
    expect(() => formatSparsify({ ...params, architecture: 'relu' }, FACTS)).toThrow(
      'sparsify has TopK only',
    );
  });
});
