import { describe, expect, it } from 'vitest';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { createSaeLibrary } from '../../../../src/engine/sae/saeLibrary';
import { unzipFiles } from '../../../../src/formats/archives/archive';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { makeSaeParams } from '../../../helpers/cases';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';

const SHAPE = { d_in: 6, d_sae: 10, k: 2 };
const trained = (prependBos: boolean) => ({
  config: makeSaeConfig({
    ...SHAPE,
    hookPoint: 'blocks.2.hook_resid_post',
    tokens: 1000,
    batchSize: 100,
    seed: 0,
    contextSize: 64,
    prependBos,
  }),
  runId: 'run-1',
  modelId: 'own~0123456789ab',
  corpus: { name: 'book.txt', isDemo: false },
  tokens: 1000,
  explainedVariance: 0.5,
  l0: 2,
  deadFraction: 0,
  params: makeSaeParams({ seed: 3, ...SHAPE }),
});

const openLibrary = (storage = createMemoryStorage()) =>
  createSaeLibrary(makeNodeParts({ storage }), () => undefined);

async function metadataOf(zip: Blob): Promise<Record<string, unknown>> {
  const cfg = (await unzipFiles(zip, 'sae.zip')).find(({ path }) => path === 'cfg.json');
  const { metadata } = JSON.parse((await cfg?.blob.text()) ?? '{}') as {
    metadata: Record<string, unknown>;
  };
  return metadata;
}

describe('what an SAE says of the text it was trained on', () => {
  it.each([true, false])('is what its run did: prependBos %s (7.11)', async (prependBos) => {
    const library = openLibrary();
    const { saeId } = await library.addTrained(trained(prependBos));
    expect(await metadataOf(await library.export(saeId))).toMatchObject({
      prepend_bos: prependBos,
      exclude_special_tokens: true,
      context_size: 64,
      dataset_path: 'book.txt',
      nanoscope: { tokens: 1000 },
    });
  });

  it('of an earlier version is what that version did (7.11)', async () => {
    const storage = createMemoryStorage();
    const { saeId } = await openLibrary(storage).addTrained(trained(true));
    const key = `sae/${saeId}`;
    const record = (await storage.getFacts(key)) as { facts: SaeFacts };
    const { ...facts } = record.facts;
    delete facts.prependBos;
    delete facts.excludeSpecialTokens;
    await storage.setFacts(key, { ...record, facts });
    const reopened = openLibrary(storage);
    expect(await reopened.get(saeId)).toMatchObject({
      prependBos: false,
      excludeSpecialTokens: true,
    });
    expect(await metadataOf(await reopened.export(saeId))).toMatchObject({ prepend_bos: false });
  });

  it('goes through an import and back (7.11)', async () => {
    const own = openLibrary();
    const { saeId } = await own.addTrained(trained(true));
    const blob = await own.export(saeId);
    const library = openLibrary();
    const imported = await library.import([{ path: 'sae.zip', blob }]);
    expect(imported).toMatchObject({
      prependBos: true,
      excludeSpecialTokens: true,
      trainingCorpus: { name: 'book.txt', isDemo: false },
    });
    expect(await metadataOf(await library.export(imported.saeId))).toEqual(await metadataOf(blob));
  });
});
