// What the files of an imported SAE say, and nothing here computes, is in its files again when it is taken out.
import { expect, it } from 'vitest';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { createSaeLibrary } from '../../../../src/engine/sae/saeLibrary';
import { unzipFiles } from '../../../../src/formats/archives/archive';
import { CONFIG_FILE, SPARSITY_FILE } from '../../../../src/formats/sae/saeFolder';
import { parseSaeLens } from '../../../../src/formats/sae/saelens';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import type { Storage } from '../../../../src/storage/storage';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { dropOfPeer } from '../../../helpers/sae/peerSaes';
import { makeSaeStatistics } from '../../../helpers/statistics/saeStatisticsCase';

const open = (storage: Storage) => createSaeLibrary(makeNodeParts({ storage }), () => undefined);
const drop = (folder: string) => dropOfPeer('tests/fixtures/saes', { folder });
const takenOut = async (library: ReturnType<typeof open>, { saeId }: SaeFacts) =>
  unzipFiles(await library.export(saeId), 'x.zip');
const metadataIn = async (files: { path: string; blob: Blob }[]) => {
  const text = await files.find(({ path }) => path.endsWith(CONFIG_FILE))?.blob.text();
  const { nanoscope: ours, ...theirs } = (
    JSON.parse(text ?? '') as { metadata: Record<string, unknown> }
  ).metadata;
  return { ours, theirs };
};

it('keeps the metadata and the sparsity of SAELens, also after a reload and with statistics (7.25)', async () => {
  const files = await drop('saelens-topk');
  const { theirs } = await metadataIn(files);
  expect(theirs).toMatchObject({ dataset: { split: 'train' }, seqpos_slice: [1, -1] });
  const storage = createMemoryStorage();
  const sae = await open(storage).import(files);
  const later = open(storage);
  await later.setStatistics(sae.saeId, makeSaeStatistics(sae.d_sae), {
    name: 'mine',
    isDemo: false,
  });
  const written = await takenOut(later, sae);
  const again = await metadataIn(written);
  expect(again.theirs).toEqual(theirs);
  expect(again.ours).not.toHaveProperty('sparsity');
  const { facts } = await parseSaeLens(written);
  facts.fireRates!.forEach((rate, i) => {
    expect(Math.log10(rate + 1e-10)).toBeCloseTo(-8 + (7 * i) / 19, 4);
  });
  expect(written.map(({ path }) => path)).toContain(SPARSITY_FILE);
});

it('says of an SAE of another tool what that tool said, and no text or length it does not know', async () => {
  const library = open(createMemoryStorage());
  const sae = await library.import(await drop('sparsify-norms/layers.1'));
  expect(sae).toMatchObject({ hookPoint: 'blocks.1.hook_resid_post', architecture: 'topk', k: 3 });
  const { theirs } = await metadataIn(await takenOut(library, sae));
  expect(theirs).toMatchObject({ sparsify: { k: 3, num_latents: 20 } });
  expect(theirs).not.toHaveProperty('dataset_path');
  expect(theirs).not.toHaveProperty('context_size');
});
