// What changes a model's arithmetic stands in its id, also where no tensor shows it.
import { beforeAll, describe, expect, it } from 'vitest';
import { isOfModel, MODEL_ID_RULE } from '../../../../src/core/model/modelId';
import { matchModel } from '../../../../src/core/sae/modelMatch';
import { hashModel, identifyModel } from '../../../../src/engine/model/modelIdentity';
import { createModelShelf } from '../../../../src/engine/model/modelShelf';
import type { EngineParts } from '../../../../src/engine/parts';
import type { TokenizerFile } from '../../../../src/formats/model/tokenizerPickle';
import { readNanochatFolder, type DroppedFile } from '../../../../src/formats/model/nanochatFolder';
import { exportedFiles, nativeFiles } from '../../../helpers/model/hfFixture';
import { makeModelHosts } from '../../../helpers/model/modelHosts';
import { createMemoryFileStore } from '../../../../src/storage/fileStore';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { readRevisionFixture } from '../../../helpers/model/revisionFixture';

async function hashesOf(files: DroppedFile[]) {
  const { checkpoint, tokenizer } = await readNanochatFolder(files);
  const files12 = await identifyModel(checkpoint, tokenizer, () => Promise.resolve());
  return { files12, model: await hashModel(files12, checkpoint.revision) };
}

/** As transformers saved it, with changes in config.json. */
async function withConfig(change: object): Promise<DroppedFile[]> {
  return Promise.all(
    exportedFiles('sharded').map(async ({ path, blob }) => {
      if (!path.endsWith('/config.json')) return { path, blob };
      const config = JSON.parse(await blob.text()) as object;
      return { path, blob: new Blob([JSON.stringify({ ...config, ...change })]) };
    }),
  );
}

/** nanochat's own r1: what a .pt of the same tensors computes. */
const AS_NANOCHAT = { dtype: 'bfloat16', rms_norm_eps: 1.1920929e-7 };
const plain = { ...AS_NANOCHAT, rope_parameters: { rope_theta: 10_000, rope_type: 'default' } };

describe('ids of models (7.12)', () => {
  it('differ by what config.json overrides, and are the .pt’s where it overrides nothing', async () => {
    const native = await hashesOf(nativeFiles('sharded'));
    expect(native.model).toBe(native.files12);
    expect((await hashesOf(await withConfig(plain))).model).toBe(native.model);
    const changes = [
      { rope_parameters: { rope_theta: 50_000, rope_type: 'default' } },
      { final_logit_softcapping: 20 },
      { dtype: 'float32' },
      { rms_norm_eps: 1e-6 },
    ];
    const seen = [native.model];
    for (const change of changes) {
      const { files12, model } = await hashesOf(await withConfig({ ...plain, ...change }));
      expect(files12).toBe(native.files12);
      seen.push(model);
    }
    expect(new Set(seen).size).toBe(5);
  });

  it('in records of older versions mean what they meant, in newer ones only that model', () => {
    const plainModel = { id: 'a~111111111111', formerId: 'a~111111111111', name: 'a' };
    const other = { id: 'a~222222222222', formerId: 'a~111111111111', name: 'a' };
    const old = { modelId: 'renamed~111111111111' };
    const made = { ...old, modelIdRule: MODEL_ID_RULE };
    expect([plainModel, other].map((model) => isOfModel(old, model))).toEqual([true, true]);
    expect([plainModel, other].map((model) => isOfModel(made, model))).toEqual([true, false]);
    expect(isOfModel({ ...made, modelId: other.id }, other)).toBe(true);
  });
});

describe('the model that an SAE names (7.14)', () => {
  const model = { id: 'd12~222222222222', formerId: 'd12~111111111111', name: 'd12' };
  it.each([
    ['x~222222222222', 'same'],
    ['d12~111111111111', 'same'],
    ['D12', 'unknown'],
    ['', 'unknown'],
    ['nanochat', 'unknown'],
    [null, 'unknown'],
    ['pythia-14m', 'other'],
    ['d12~333333333333', 'other'],
  ] as const)('%s: %s', (modelId, match) => {
    expect(matchModel({ modelId }, model)).toBe(match);
  });
});

describe('the soft cap of r3 (7.21)', () => {
  const FILES = 'own~123456789abc';
  let parts: EngineParts;

  /** A byte each, as many as the fixture's vocabulary has. */
  function tokenizerOf(vocabSize: number): TokenizerFile {
    const special = ['<|bos|>'];
    const ranks = Array.from({ length: vocabSize - special.length }, (_, rank) => {
      return [Uint8Array.of(rank), rank] as [Uint8Array, number];
    });
    const specialTokens = new Map(special.map((name, i) => [name, ranks.length + i]));
    return { name: 'test', patStr: String.raw`\p{L}|[^\p{L}]`, ranks, specialTokens };
  }

  beforeAll(async () => {
    const openDevice = () =>
      Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none here' } as const);
    parts = makeNodeParts({ openDevice, files: createMemoryFileStore() });
    const { checkpoint } = await readRevisionFixture('r3-grouped');
    const tokenizer = tokenizerOf(checkpoint.config.vocab_size);
    const stage = { isChat: false, why: 'A test.' };
    const kept = {
      id: FILES,
      filesHash: '123456789abc',
      name: 'own',
      stage,
      checkpoint,
      tokenizer,
    };
    await createModelShelf(parts).keep(kept, false);
  });

  async function openKept() {
    const { modelHost } = makeModelHosts(parts);
    await modelHost.open({ kind: 'kept', id: FILES });
    const logits = async () => (await modelHost.runtime()).logits(Int32Array.of(3, 5, 7), 1, []);
    return { modelHost, logits };
  }

  it('is 15 unless chosen, changes logits and id, and stays chosen for these files', async () => {
    const { modelHost, logits } = await openKept();
    expect(modelHost.current().facts).toMatchObject({
      id: FILES,
      keptId: FILES,
      revision: 'r3',
      logitSoftcap: 15,
      possibleSoftcaps: [15, 20],
    });
    const of15 = await logits();
    await modelHost.setSoftcap(20);
    const chosen = modelHost.current().facts;
    expect(chosen.id).not.toBe(FILES);
    expect(chosen).toMatchObject({ keptId: FILES, formerId: chosen.id, logitSoftcap: 20 });
    const of20 = await logits();
    expect(of20).toHaveLength(of15.length);
    const largest = of15.reduce((max, logit) => Math.max(max, Math.abs(logit)), 0);
    expect(largest).toBeGreaterThan(0.1);
    of20.forEach((logit, i) => {
      const uncapped = 15 * Math.atanh(of15[i]! / 15);
      expect(logit).toBeCloseTo(20 * Math.tanh(uncapped / 20), 4);
    });

    const again = await openKept();
    expect(again.modelHost.current().facts).toMatchObject({ id: chosen.id, logitSoftcap: 20 });
    await again.modelHost.setSoftcap(15);
    expect(again.modelHost.current().facts).toMatchObject({ id: FILES, logitSoftcap: 15 });
    await expect(again.modelHost.setSoftcap(30)).rejects.toThrow('one of 15, 20');
    // One copy, whatever was chosen.
    expect(await createModelShelf(parts).list()).toHaveLength(1);
  });
});
