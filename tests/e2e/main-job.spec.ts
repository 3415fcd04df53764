// The main job as a stranger would do it, on the built page in a real Chromium: look at the demo model,
// train a small SAE, explore it, steer with it, keep it. Each step leaves a screenshot.
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { gateEngine } from '../helpers/page/engineGate';
import { keepScreenshot as shot } from '../helpers/page/look';
import { serveShortCorpus } from '../helpers/engine/shortCorpus';
import { test } from '../helpers/page/watchedTest';
import { makeWorkbench } from '../helpers/page/workbench';

const SMALL_RUN = {
  hookPoint: 'blocks.2.hook_resid_post',
  expansionFactor: 1,
  k: 8,
  tokens: 4096,
  batchSize: 128,
};

test('model: the demo loads, shows its tokens and streams text', async ({ page }) => {
  const bench = makeWorkbench(page);
  await bench.openModel();
  await expect(bench.main.getByText('r5')).toBeVisible();
  await bench.main.getByLabel('Text', { exact: true }).fill('hello world');
  await expect(bench.tokens('Tokens')).toHaveCount(3);

  await bench.generate({ prompt: 'Once upon a time', length: 20 });
  await expect(bench.tokens('Generated text')).toHaveCount(20);
  const first = await bench.main.getByRole('list', { name: 'Generated text' }).innerText();
  // Same seed, same text: four more tokens tell the new run from the old one.
  await bench.generate({ prompt: 'Once upon a time', length: 24 });
  await expect(bench.tokens('Generated text')).toHaveCount(24);
  const second = await bench.main.getByRole('list', { name: 'Generated text' }).innerText();
  expect(second.startsWith(first)).toBe(true);

  const gate = await gateEngine(page);
  await gate.close();
  await bench.generate({ prompt: 'Once upon a time', length: 480 });
  await gate.runUntil(async () => {
    const count = await bench.tokens('Generated text').count();
    // The text before had 24.
    return count > 2 && count < 24;
  });
  await bench.press('Stop');
  await gate.open();
  await expect(bench.main.getByText(/stopped/)).toBeVisible();
  expect(await bench.tokens('Generated text').count()).toBeLessThan(480);
  await shot(page, '1-model');
});

test('train, explore, steer and keep an SAE; a reload in mid-run loses nothing', async ({
  page,
}) => {
  await serveShortCorpus(page);
  const bench = makeWorkbench(page);
  await bench.open();
  await bench.waitForModel();

  await test.step('train', async () => {
    await bench.goTo('Train');
    await bench.fillTraining({ ...SMALL_RUN, k: 999 });
    await expect(bench.main.getByText('k must be a whole number from 1 to 256: 999')).toBeVisible();
    await expect(bench.main.getByRole('button', { name: 'Play' })).toBeDisabled();
    await bench.fillTraining(SMALL_RUN);
    const gate = await gateEngine(page);
    await gate.close();
    await bench.press('Play');
    const rate = bench.main.getByText(/tokens\/s/).first();
    await gate.runUntil(async () => (await bench.isInPhase('training')) && rate.isVisible());
    await bench.press('Pause');
    await gate.open();
    await bench.waitForPhase('paused');
    await shot(page, '2-train-paused');

    await page.reload();
    await bench.waitForPhase('paused');
    const again = await gateEngine(page);
    await bench.press('Resume');
    await again.runUntil(() => bench.isInPhase('finished'));
    await expect(bench.main.getByText('of 32', { exact: false }).first()).toBeVisible();
    await shot(page, '2-train-done');
    // Its statistics have begun by themselves.
    await bench.press('Explore this SAE');
    const progress = bench.main.getByRole('progressbar', { name: 'Statistics' });
    await again.runUntil(() => progress.isVisible());
    await again.open();
    // Until they are complete the order of features changes.
    await expect(progress).toBeHidden();
  });

  await test.step('explore', async () => {
    await expect(bench.main.getByRole('list', { name: 'Features' })).toBeVisible();
    await bench.main.getByText('Table', { exact: true }).click();
    await bench.main.getByRole('button', { name: /^Max/ }).click();
    await bench.main.getByRole('row').nth(1).click();
    await expect(bench.latentName()).toBeVisible();
    await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
    expect(
      await bench.main.getByRole('list', { name: 'Example 1', exact: true }).innerText(),
    ).not.toBe('');
    const name = await bench.latentName().innerText();
    await page.keyboard.press('j');
    await expect(bench.latentName()).not.toHaveText(name);
    await page.keyboard.press('k');
    await expect(bench.latentName()).toHaveText(name);
    await shot(page, '3-explore');
  });

  await test.step('steer', async () => {
    await bench.press('Turn up');
    await bench.slider().fill('0');
    await bench.generate({ prompt: 'Once upon a time', length: 24 });
    await expect(bench.tokens('Steered text')).toHaveCount(24);
    expect(await bench.laneText('Steered')).toBe(await bench.laneText('Baseline'));

    const gate = await gateEngine(page);
    await gate.close();
    await bench.generate({ prompt: 'Once upon a time', length: 60 });
    await gate.runUntil(async () => {
      const count = await bench.tokens('Steered text').count();
      // The text before had 24.
      return count > 4 && count < 24;
    });
    await bench.slider().fill('3');
    await gate.open();
    await expect(bench.main.getByText(/Ended: /).first()).toBeVisible();
    expect(await bench.laneText('Steered')).not.toBe(await bench.laneText('Baseline'));
    await expect(bench.main.getByText(/lanes part at token/)).toBeVisible();
    await shot(page, '4-steer');
  });

  await test.step('keep', async () => {
    await bench.goTo('Library');
    const saes = page.getByRole('region', { name: 'SAEs' });
    const downloading = page.waitForEvent('download');
    await saes.getByRole('button', { name: /^Export (?!demo)/ }).click();
    await saes
      .getByRole('button', { name: /^SAELens/ })
      .locator('visible=true')
      .click();
    const download = await downloading;
    const path = await download.path();
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
    await saes.getByLabel('Choose files').setInputFiles({
      name: 'download.zip',
      mimeType: 'application/zip',
      buffer: await readFile(path),
    });
    // The same SAE once more is the one that is here, with all that belongs to it.
    await expect(page.getByText(/is here already: it was opened as it is/).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /^SAE: TopK \d+, run 1/ })).toBeVisible();
    // The same weights said to be of another model are another SAE.
    await saes.getByLabel('Choose files').setInputFiles({
      name: 'copy.zip',
      mimeType: 'application/zip',
      buffer: ofAnotherModel(await readFile(path)),
    });
    await expect(page.getByRole('button', { name: /^SAE: imported/ })).toBeVisible();
    await shot(page, '5-keep');
  });

  await test.step('compare: the copy is matched with what it is a copy of', async () => {
    // The copy has no statistics yet, so no table to compare in.
    await bench.goTo('Explore');
    await bench.chooseSae(/^TopK \d+, run 1/);
    await bench.main.getByText('Compare', { exact: true }).click();
    await expect(bench.main.getByLabel('Compare with')).toBeVisible();
    await bench.main.getByLabel('Compare with').selectOption({ label: await copyName(page) });
    await bench.press('Match features');
    await expect(
      bench.main.getByText(/^256 pairs of features, each the other’s nearest/),
    ).toBeVisible();
    await openFirstPair(page);
    await shot(page, '6-compare');
  });

  await test.step('compare: with itself as it was at step 8', async () => {
    await bench.main.getByLabel('Compare with').selectOption('This SAE at step 8 of its training');
    await bench.press('Match features');
    await expect(bench.main.getByText(/kept their number/)).toBeVisible();
    await openFirstPair(page);
    await expect(page.getByText('What its direction promoted then:')).toBeVisible();
    await shot(page, '6-compare-steps');
  });
});

test('share: a link opens the same feature of the demo SAE before the model is there', async ({
  page,
}) => {
  const bench = makeWorkbench(page);
  await bench.open('#v=1&view=explore&sae=demo&feature=12');
  await expect(bench.latentName()).toHaveText(/ 12$/);
  await expect(bench.main.getByRole('list', { name: 'Top examples' })).toBeVisible();
  await shot(page, '5-share');
});

async function openFirstPair(page: Page) {
  const pairs = page.getByRole('list', { name: 'Pairs, by cosine' });
  await pairs.getByRole('button').first().click();
  await expect(page.getByRole('region', { name: 'The pair side by side' })).toBeVisible();
}

/** A downloaded SAE whose configuration names another model. */
function ofAnotherModel(zip: Uint8Array): Buffer {
  const files = unzipSync(zip);
  const [path, bytes] = Object.entries(files).find(([name]) => name.endsWith('cfg.json')) ?? [];
  if (path === undefined || bytes === undefined) throw new Error('no cfg.json in the download');
  const cfg = JSON.parse(strFromU8(bytes)) as { metadata: Record<string, unknown> };
  cfg.metadata['model_name'] = 'somebody-elses-model';
  // Ours beside it names the model, too.
  delete cfg.metadata['nanoscope'];
  return Buffer.from(zipSync({ ...files, [path]: strToU8(JSON.stringify(cfg)) }, { level: 0 }));
}

/** The imported SAE as the list of those to compare with names it. */
async function copyName(page: Page): Promise<string> {
  const names = await page.getByLabel('Compare with').getByRole('option').allInnerTexts();
  return names.find((name) => name.includes('imported')) ?? '';
}
