// An SAE taken out in the files of other tools, on the built page: every feature of the demo for Neuronpedia, with the
// model open; cancelled; and the files of another tool brought in.
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import * as v from 'valibot';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { gateEngine } from '../helpers/page/engineGate';
import { look } from '../helpers/page/look';
import { DashboardBatchFile } from '../helpers/statistics/neuronpediaSchemas';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

async function openExports(page: Page): Promise<Locator> {
  const saes = page.getByRole('region', { name: 'SAEs' });
  await saes.getByRole('button', { name: 'Export demo SAE:' }).click();
  return saes.getByRole('group', { name: 'Export demo SAE' });
}

async function takenOut(page: Page, name: RegExp): Promise<Record<string, Uint8Array>> {
  // Writing every feature reads a text with the model first.
  const downloading = page.waitForEvent('download', { timeout: 0 });
  await (await openExports(page)).getByRole('button', { name }).click();
  const download = await downloading;
  return unzipSync(await readFile(await download.path()));
}

test('every feature of the demo leaves for Neuronpedia, and an export can be cancelled', async ({
  page,
}) => {
  await serveShortCorpus(page);
  const bench = makeWorkbench(page);
  await bench.openModel();
  await bench.goTo('Library');
  const menu = await openExports(page);
  await expect(menu.getByRole('button', { name: /^SAEDashboard/ })).toBeEnabled();
  await look(page, 'export-menu');
  await page.keyboard.press('Escape');

  await test.step('cancelled', async () => {
    const gate = await gateEngine(page);
    await gate.close();
    await (await openExports(page)).getByRole('button', { name: /^SAEDashboard/ }).click();
    const bar = page.getByRole('progressbar', { name: 'Exporting demo SAE' });
    await gate.runUntil(() => bar.isVisible());
    await page
      .getByRole('region', { name: 'SAEs' })
      .getByRole('button', { name: 'Cancel' })
      .click();
    await gate.open();
    await expect(bar).toBeHidden();
    await expect(page.getByRole('region', { name: 'SAEs' }).getByRole('alert')).toHaveCount(0);
  });

  await test.step('SAEDashboard’s files', async () => {
    const files = await takenOut(page, /^SAEDashboard/);
    const batches = Object.keys(files).filter((name) => name.startsWith('batch-'));
    expect(batches).toHaveLength(16);
    const features = batches.flatMap(
      (name) => v.parse(DashboardBatchFile, JSON.parse(strFromU8(files[name]!))).features,
    );
    expect(new Set(features.map(({ feature_index: index }) => index)).size).toBe(features.length);
    // With the model and its text open nothing that SAEDashboard computes is empty.
    for (const feature of features) {
      expect(feature.logits_hist_data_bar_heights).toHaveLength(50);
      expect(feature.vector).toHaveLength(256);
      expect(feature.decoder_weights_dist.length).toBeGreaterThan(0);
      // SAEDashboard leaves out a sequence's first token; so are ours left out.
      expect(feature.activations.every(({ tokens }) => tokens[0] !== '<|bos|>')).toBe(true);
    }
    const correlated = features.filter(({ correlated_neurons_indices: list }) => list.length === 3);
    expect(correlated.length).toBeGreaterThan(features.length / 2);
  });

  await test.step('bodies to upload', async () => {
    const names = Object.keys(await takenOut(page, /^Neuronpedia, to upload/));
    expect(names.filter((name) => name.startsWith('features-'))).toHaveLength(16);
    expect(names).toContain('model.json');
  });
});

test('files of another tool say what is wrong with them, by field and value', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  await bench.goTo('Library');
  const saes = page.getByRole('region', { name: 'SAEs' });
  const cfg = { num_latents: 20, k: 3, d_in: 8, skip_connection: true };
  await saes.getByLabel('Choose files').setInputFiles([
    { name: 'cfg.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(cfg)) },
    { name: 'sae.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from('x') },
  ]);
  await expect(saes.getByText(/cfg\.json: skip_connection true/)).toBeVisible();
  await look(page, 'import-error');
});
